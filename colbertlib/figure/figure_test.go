package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
)

func TestInputErrorsNameThePlace(t *testing.T) {
	one := []Score{{0, .5, .4, .6}}
	panel := func(s ...Score) []Panel { return []Panel{{"Hits@1", []Series{{"a", s}}, nil}} }
	metrics := func(p []Panel) error { _, err := MetricsByEpoch("", p); return err }
	micro := func(s []MicroStep, u []Update) error { _, err := LossByMicroStep("", s, u); return err }
	steps := func(a, b []StepLoss) error { _, err := LossByStep("", a, b); return err }
	confusion := func(l []string, c [][]int) error { _, err := Confusion("", l, c); return err }
	tokens := func(p ...TokenCounts) error { _, err := TokenHistogram("", p); return err }
	reliability := func(p ...ReliabilityPanel) error { _, err := Reliability("", p); return err }
	intervals := func(groups []string, lines ...Interval) error {
		_, err := Intervals("", "", groups, lines, nil)
		return err
	}
	nan, inf := math.NaN(), math.Inf(1)
	seven := make([]Series, 7)
	for i := range seven {
		seven[i] = Series{strings.Repeat("x", i+1), one}
	}
	for _, c := range []struct {
		want string
		err  error
	}{
		{"0 panels", metrics(nil)},
		{"5 panels", metrics(make([]Panel, 5))},
		{`panel "Hits@1" has no series`, metrics([]Panel{{Heading: "Hits@1"}})},
		{`series "a": no scores`, metrics(panel())},
		{"epoch 0: NaN [0, 1]", metrics(panel(Score{0, nan, 0, 1}))},
		{"epoch 0: 0 [0, +Inf]", metrics(panel(Score{0, 0, 0, inf}))},
		{"epoch 2: value 0.9 lies outside its interval [0.1, 0.2]", metrics(panel(Score{2, .9, .1, .2}))},
		{"epoch -2, want -1 (untrained)", metrics(panel(Score{-2, .5, .5, .5}))},
		{"epoch 1 follows epoch 1", metrics(panel(Score{1, .5, .5, .5}, Score{1, .5, .5, .5}))},
		{`reference "chance" is NaN`, metrics([]Panel{{"", []Series{{"a", one}}, []Reference{{"chance", nan}}}})},
		{"7 series names", metrics([]Panel{{"", seven, nil}})},
		{"0 micro-steps and 0 updates", micro(nil, nil)},
		{"loss of micro-step 2 is NaN", micro([]MicroStep{{0, 1}, {0, nan}}, []Update{{1, 1}})},
		{"micro-step 2: epoch 0 follows epoch 1", micro([]MicroStep{{1, 1}, {0, 1}}, []Update{{1, 1}})},
		{"gradient norm of update 1 is +Inf", micro([]MicroStep{{0, 1}}, []Update{{1, inf}})},
		{"update 1 is at micro-step 2", micro([]MicroStep{{0, 1}}, []Update{{2, 1}})},
		{"update 2 is at micro-step 1", micro([]MicroStep{{0, 1}}, []Update{{1, 1}, {1, 1}})},
		{"no training losses", steps(nil, []StepLoss{{1, 1}})},
		{"training loss at step 3 is NaN", steps([]StepLoss{{3, nan}}, nil)},
		{"held out step 4, want ascending", steps([]StepLoss{{1, 1}}, []StepLoss{{4, 1}, {4, 1}})},
		{"0 labels", confusion(nil, nil)},
		{"13 labels", confusion(make([]string, 13), nil)},
		{"1 rows of counts for 2 labels", confusion([]string{"a", "b"}, [][]int{{1, 2}})},
		{"row 1 (b) has 1 counts for 2 labels", confusion([]string{"a", "b"}, [][]int{{1, 2}, {1}})},
		{"row 0 (a), column 1: count -2 is negative", confusion([]string{"a", "b"}, [][]int{{1, -2}, {1, 1}})},
		{"token histogram: 0 panels", tokens()},
		{"7 panels, want 1 to 6", tokens(make([]TokenCounts, 7)...)},
		{"panel 2 (queries) has no texts", tokens(TokenCounts{"", []int{1}, 0}, TokenCounts{Heading: "queries"})},
		{"panel 1 (queries) has counts from 0 to 7", tokens(TokenCounts{"queries", []int{7, 0}, 0})},
		{"reliability: 0 panels", reliability()},
		{"panel \"a\": there are no texts", reliability(ReliabilityPanel{"a", make([]calibrate.Bin, 3)})},
		{"bin 0 has the value NaN", reliability(ReliabilityPanel{"a", []calibrate.Bin{{High: 1, N: 1, Accuracy: nan}}})},
		{"bin 0 holds -1 texts", reliability(ReliabilityPanel{"a", []calibrate.Bin{{High: 1, N: -1}}})},
		{"intervals: 0 lines", intervals(nil)},
		{"a: group 1, but there are 0", intervals(nil, Interval{Name: "a", Group: 1})},
		{"a: group 2, but there are 2", intervals([]string{"b", "c"}, Interval{Name: "a", Group: 2})},
		{"7 groups, want at most 6", intervals(make([]string, 7), Interval{})},
		{"a: the value NaN", intervals(nil, Interval{Name: "a", Value: nan})},
		{"all counts are zero", confusion([]string{"a"}, [][]int{{0}})},
	} {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), "figure: ") || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got error %v, want one of package figure with %q", c.err, c.want)
		}
	}
}

// extremes are figures of valid input that is hard to lay out.
func extremes() map[string]func() (*Figure, error) {
	long := strings.Repeat("a rather long name ", 20)
	unbroken := strings.Repeat("Wissenschaftsverwaltung", 12)
	flat := []Score{{0, 7e11, 7e11, 7e11}, {900_000, 7e11, 7e11, 7e11}}
	return map[string]func() (*Figure, error){
		"long names": func() (*Figure, error) {
			s := []Series{rates(long, 10, .5), rates(unbroken, 10, .5, .5), rates("\x00\xff<&>\"", 10, .5)}
			panel := Panel{long, s, []Reference{{long, .1}, {unbroken, .1}}}
			return MetricsByEpoch(long+"\n"+unbroken, []Panel{panel, panel, panel, panel})
		},
		"long names, one panel": func() (*Figure, error) {
			return MetricsByEpoch(strings.Repeat(long, 10), []Panel{{unbroken, []Series{rates(long, 10, .5), rates(unbroken, 10, .5)}, nil}})
		},
		"long names of histograms": func() (*Figure, error) {
			return TokenHistogram(long, []TokenCounts{{long, []int{1}, 0}, {unbroken, []int{1, 1 << 40}, 1 << 30}, {"queries", []int{300}, 300}, {"", []int{5}, 1}})
		},
		"huge and flat": func() (*Figure, error) { return MetricsByEpoch("", []Panel{{"", []Series{{"", flat}}, nil}}) },
		"tiny":          func() (*Figure, error) { return LossByStep("", []StepLoss{{0, 5e-324}, {1, 1e-300}}, nil) },
		"nearly equal":  func() (*Figure, error) { return LossByStep("", []StepLoss{{0, 1}, {1, 1 + 1e-15}}, nil) },
		"one step":      func() (*Figure, error) { return LossByMicroStep("", []MicroStep{{0, -1e12}}, []Update{{1, 0}}) },
		"four reliabilities": func() (*Figure, error) {
			panel := ReliabilityPanel{long, bins([]int{1 << 40, 1, 0}, 0)}
			return Reliability(unbroken, []ReliabilityPanel{panel, {unbroken, bins([]int{1}, 1)}, panel, panel})
		},
		"long groups": func() (*Figure, error) {
			groups := []string{long, unbroken, "a", "b", "c", "d"}
			return Intervals(long, unbroken, groups, []Interval{{long, 0, 0, 0, 5, long[:60]}, {long, 1, 1, 1, 0, ""}, {unbroken, 0.5, 0, 1, 1, ""}}, []Reference{{"chance", 1}})
		},
		"one label": func() (*Figure, error) { return Confusion("", []string{""}, [][]int{{1 << 40}}) },
		"long labels": func() (*Figure, error) {
			labels, counts := make([]string, 12), make([][]int, 12)
			for i := range labels {
				labels[i], counts[i] = []string{long, unbroken}[i%2], make([]int, 12)
				counts[i][i] = 9999
			}
			return Confusion(long, labels, counts)
		},
	}
}

func TestNothingReachesTheEdge(t *testing.T) {
	all := pictures()
	for name, build := range extremes() {
		all[name] = build
	}
	for name, build := range all {
		t.Run(name, func(t *testing.T) {
			f, err := build()
			if err != nil {
				t.Fatal(err)
			}
			content, err := f.png(72) // one pixel a point
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			const edge = 2
			inner := img.Bounds().Inset(edge)
			for y := range img.Bounds().Max.Y {
				for x := range img.Bounds().Max.X {
					if !(image.Point{X: x, Y: y}).In(inner) && color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y < 0xF0 {
						t.Fatalf("something is drawn at %d, %d of %v, within %d points of the edge", x, y, img.Bounds().Max, edge)
					}
				}
			}
		})
	}
}

func TestSizeAndResolution(t *testing.T) {
	f, err := LossByStep("Title\nsubtitle", []StepLoss{{0, 2}, {1, 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	width, height := 2.54*float64(config.Width)/200, 2.54*float64(config.Height)/200
	if math.Abs(width-14) > 0.1 || math.Abs(height-9) > 0.3 {
		t.Errorf("picture is %.2f x %.2f cm at 200 dpi, want about 14 x 9", width, height)
	}
}

func TestSVGKeepsTextAndFallsBackOnSans(t *testing.T) {
	f, err := LossByStep("Title <&>", []StepLoss{{0, 2}, {1, 1}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := f.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Title &lt;&amp;&gt;</text>", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;"} {
		if !strings.Contains(string(content), want) {
			t.Errorf("SVG lacks %q", want)
		}
	}
	for _, bad := range []string{"font-family:Liberation Sans;", "@font-face", "Serif"} {
		if strings.Contains(string(content), bad) {
			t.Errorf("SVG has %q", bad)
		}
	}
}

func TestFigureIsImmutableAndSafeForConcurrentUse(t *testing.T) {
	scores := []Score{{Untrained, .2, .1, .3}, {0, .5, .4, .6}}
	panels := []Panel{{"Hits@1", []Series{{"a", scores}}, []Reference{{"chance", .1}}}}
	f, err := MetricsByEpoch("Title", panels)
	if err != nil {
		t.Fatal(err)
	}
	before, err := f.png(goldenDPI)
	if err != nil {
		t.Fatal(err)
	}
	scores[0].Value, panels[0].Heading, panels[0].Series[0].Name, panels[0].References[0].Value = .9, "x", "x", .9
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			after, err := f.png(goldenDPI)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("a later rendering differs from the first (error %v)", err)
			}
		})
	}
	group.Wait()
}

func TestWriteReplacesFilesAndReportsErrors(t *testing.T) {
	f, err := Confusion("", []string{"a"}, [][]int{{1}})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, write := range map[string]func(string) error{"a.png": f.WritePNG, "a.svg": f.WriteSVG} {
		path := filepath.Join(dir, name)
		if err := write(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s was not written: %v", name, err)
		}
		if err := write(filepath.Join(path, "below-a-file")); err == nil || !strings.HasPrefix(err.Error(), "figure: write ") {
			t.Errorf("writing below a file: got error %v, want one that says so", err)
		}
	}
}
