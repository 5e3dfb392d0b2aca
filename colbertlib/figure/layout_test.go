package figure

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func TestTicksAreShortAndRound(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		n         int
		want      []string
	}{
		{0, 1, 6, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{0.5, 0.6, 4, []string{"0.500", "0.525", "0.550", "0.575", "0.600"}},
		{1, 720, 8, []string{"100", "200", "300", "400", "500", "600", "700"}},
		{0, 30000, 6, []string{"0", "5000", "10,000", "15,000", "20,000", "25,000", "30,000"}},
		{-3, 1, 4, []string{"−3", "−2", "−1", "0", "1"}},
		{0, 2e6, 2, []string{"0", "1,000,000", "2,000,000"}},
	} {
		var got []string
		for _, tick := range niceTicks(c.n).Ticks(c.low, c.high) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("ticks of [%v, %v]: got %q, want %q", c.low, c.high, got, c.want)
		}
	}
}

func TestWholeTicksAreWhole(t *testing.T) {
	for _, c := range []struct {
		high float64
		want []string
	}{
		{1, []string{"0", "1"}},
		{20, []string{"0", "5", "10", "15", "20"}},
		{200, []string{"0", "25", "50", "75", "100", "125", "150", "175", "200"}},
	} {
		var got []string
		for _, tick := range wholeTicks(8).Ticks(0, c.high) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("whole ticks to %v: got %q, want %q", c.high, got, c.want)
		}
	}
}

func TestNiceRangeHoldsItsInputAndFewTicks(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		low := (r.Float64() - 0.5) * math.Pow(10, r.Float64()*40-28)
		high := low + r.Float64()*math.Pow(10, r.Float64()*40-28)
		n := 2 + r.IntN(7)
		from, to := niceRange(low, high, n)
		ticks := niceTicks(n).Ticks(from, to)
		tolerance := 1e-9 * (to - from)
		if from > low+tolerance || to < high-tolerance || len(ticks) < 2 || len(ticks) > n+1 ||
			math.Abs(ticks[0].Value-from) > tolerance || math.Abs(ticks[len(ticks)-1].Value-to) > tolerance {
			t.Fatalf("niceRange(%v, %v, %d) = %v, %v with ticks %v", low, high, n, from, to, ticks)
		}
	}
}

func TestEpochTicksKeepTheirLabelsApart(t *testing.T) {
	for _, epochs := range []int{1, 4, 5, 10, 40, 365, 10_000} {
		for _, room := range []float64{80, 120, 180, 360} {
			perEpoch := room / float64(epochs+1)
			end := math.Inf(-1)
			ticks := epochTicks{perEpoch}.Ticks(-1-8/perEpoch, float64(epochs-1)+8/perEpoch)
			for _, tick := range ticks {
				if tick.IsMinor() {
					continue
				}
				half := float64(labelStyle.Width(tick.Label)) / 2
				if at := tick.Value * perEpoch; at-half < end+1 {
					t.Errorf("%d epochs on %v points: label %q starts before its neighbour ends", epochs, room, tick.Label)
				} else {
					end = at + half
				}
			}
			if len(ticks) > 2+int(room/8) {
				t.Errorf("%d epochs on %v points: %d ticks", epochs, room, len(ticks))
			}
		}
	}
	first := epochTicks{23}.Ticks(-1.3, 3.3)
	if first[0] != (plot.Tick{Value: Untrained, Label: "untrained"}) || first[1] != (plot.Tick{Value: 0, Label: "0"}) {
		t.Errorf("four epochs start with %v, want the untrained state and epoch 0", first[:2])
	}
}

func TestSpreadKeepsOrderGapAndBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		want := make([]vg.Length, 1+r.IntN(6))
		for i := range want {
			want[i] = vg.Length(r.Float64() * 100)
		}
		slices.Sort(want)
		got := slices.Clone(want)
		spread(got, 10, 0, 100)
		for i, y := range got {
			if y < -1e-9 || y > 100+1e-9 || i > 0 && y-got[i-1] < 10-1e-9 {
				t.Fatalf("spread(%v) = %v", want, got)
			}
		}
	}
	apart := []vg.Length{10, 40, 80}
	spread(apart, 10, 0, 100)
	if !slices.Equal(apart, []vg.Length{10, 40, 80}) {
		t.Errorf("labels that do not touch were moved to %v", apart)
	}
	together := []vg.Length{50, 50}
	spread(together, 10, 0, 100)
	if !slices.Equal(together, []vg.Length{45, 55}) {
		t.Errorf("two labels at 50 were moved to %v, want 45 and 55", together)
	}
}

func TestMovingMeanIsCentred(t *testing.T) {
	line := curve{}
	for i := range 200 {
		line.add(i, float64(i))
	}
	if w := line.window(); w != 11 {
		t.Fatalf("window of 200 points is %d, want 11", w)
	}
	for i, mean := range line.smooth()[5:195] {
		if math.Abs(mean-float64(i+5)) > 1e-12 {
			t.Fatalf("moving mean of a straight line at %d is %v", i+5, mean)
		}
	}
}

func TestWrapAndCut(t *testing.T) {
	limit := labelStyle.Width("four words are here")
	for _, line := range wrap(labelStyle, "four words are here and then some more words, andonewordthatistoolongbyfar for it", limit) {
		if labelStyle.Width(line) > limit {
			t.Errorf("line %q is wider than allowed", line)
		}
	}
	if got := cut(labelStyle, "four words are here", limit); got != "four words are here" {
		t.Errorf("a text that fits was cut to %q", got)
	}
	if got := cut(labelStyle, "a\tb\x00\xff", limit); got != "a b \uFFFD" {
		t.Errorf("unprintable characters became %q", got)
	}
}
