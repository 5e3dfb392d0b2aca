package figure

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// niceTicks marks multiples of 1, 2, 2.5 or 5 times a power of ten, about n of them, with as many decimals as they need.
type niceTicks int

// Ticks implements [plot.Ticker].
func (n niceTicks) Ticks(low, high float64) []plot.Tick {
	step := niceStep(high-low, int(n))
	decimals := 0
	for s := step; decimals < 12 && math.Abs(s-math.Round(s)) > 1e-9*s; s *= 10 {
		decimals++
	}
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: formatNumber(i*step, decimals)})
	}
	return ticks
}

// wholeTicks is niceTicks for things that are counted.
type wholeTicks int

// Ticks implements [plot.Ticker].
func (n wholeTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	step := wholeStep(niceStep(high-low, int(n)))
	for i := math.Ceil(low / step); i*step <= high; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: formatNumber(i*step, 0)})
	}
	return ticks
}

// wholeStep is the smallest whole step of the series of niceStep that is not smaller than step.
func wholeStep(step float64) float64 {
	switch {
	case step < 1:
		return 1
	case step == 2.5:
		return 5
	}
	return step
}

// niceStep is the smallest step of the series ..., 1, 2, 2.5, 5, 10, ... that divides span into at most n intervals.
func niceStep(span float64, n int) float64 {
	if span <= 0 {
		return 1
	}
	raw := span / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= raw*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// niceRange widens [low, high] to multiples of the step with which niceTicks(n) marks the widened range. A range that is
// too narrow for its distance from zero to be marked in float64, or that is a single value, is opened on both sides first.
// n is at least 2: a range around zero has no single interval.
func niceRange(low, high float64, n int) (float64, float64) {
	if size := max(math.Abs(low), math.Abs(high)); size < 1e-12 {
		low, high = low-0.5, high+0.5
	} else if high-low < 1e-6*size {
		low, high = low-0.5*size, high+0.5*size
	}
	for {
		step := niceStep(high-low, n)
		low, high = step*math.Floor(low/step+1e-9), step*math.Ceil(high/step-1e-9)
		if niceStep(high-low, n) < 1.01*step {
			return low, high
		}
	}
}

// formatNumber writes v with fixed decimals and with commas between thousands from 10,000 on.
func formatNumber(v float64, decimals int) string {
	s := strconv.FormatFloat(v+0, 'f', decimals, 64) // +0 turns -0 into 0
	sign, digits := "", s
	if strings.HasPrefix(s, "-") {
		sign, digits = "\u2212", s[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if len(whole) > 4 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// blankTicks keeps another ticker's grid lines and hides its labels.
type blankTicks struct{ plot.Ticker }

// Ticks implements [plot.Ticker].
func (b blankTicks) Ticks(low, high float64) []plot.Tick {
	ticks := slices.Clone(b.Ticker.Ticks(low, high))
	for i := range ticks {
		ticks[i].Label = " " // gonum draws no grid line for a tick with an empty label
	}
	return ticks
}
