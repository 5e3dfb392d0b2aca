package figure

import (
	"cmp"
	"errors"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Interval is one line of [Intervals]: a value and its interval.
type Interval struct {
	Name             string
	Value, Low, High float64
	Group            int    // lines of one group have one colour: 0, 1, 2, …
	Note             string // stands beside the line; the value if empty
}

const (
	maxIntervals   = 24
	intervalHeight = 15 * vg.Length(1)
	intervalNames  = 150 * vg.Length(1)
)

// Intervals draws one metric of several methods below each other, the first on top: a dot for the value, with the value beside it, and a line for its
// interval. References are broken lines from top to bottom, such as chance.
//
// It returns an error for no lines or more than 24, values that are not finite or outside their interval, and groups without a colour.
func Intervals(title, metric string, lines []Interval, references []Reference) (*Figure, error) {
	if err := checkIntervals(lines, references); err != nil {
		return nil, fmt.Errorf("figure: intervals: %w", err)
	}
	low, high := lines[0].Low, lines[0].High
	for _, line := range lines {
		low, high = min(low, line.Low), max(high, line.High)
	}
	for _, r := range references {
		low, high = min(low, r.Value), max(high, r.Value)
	}
	low, high = niceRange(low, high, scoreTicks)
	draws := func(c draw.Canvas) {
		p := newPanel(metric, "")
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, -float64(len(lines)), 0.7 // above the first line stand the references' names
		p.X.Tick.Marker = niceTicks(scoreTicks)
		p.Y.Tick.Marker = plot.ConstantTicks(nil)
		p.Add(annotation(func(c draw.Canvas, p *plot.Plot) { drawIntervals(c, p, lines, references) }))
		right := c.Max.X
		c.Min.X += intervalNames
		c.Max.X -= vg.Points(22) // for the value of the best
		for _, line := range lines {
			c.Max.X = min(c.Max.X, right-labelStyle.Width(line.Note))
		}
		p.Draw(c)
	}
	return &Figure{titleLines(title), vg.Length(len(lines))*intervalHeight + vg.Points(48), draws}, nil
}

func drawIntervals(c draw.Canvas, p *plot.Plot, lines []Interval, references []Reference) {
	x, y := p.Transforms(&c)
	for i, r := range references {
		c.StrokeLine2(referenceStyle(i), x(r.Value), c.Min.Y, x(r.Value), c.Max.Y)
		c.FillText(labelStyle, vg.Point{X: x(r.Value) + labelGap, Y: c.Max.Y}, r.Name+" "+shortValue(r.Value))
	}
	for i, line := range lines {
		middle := y(-float64(i) - 0.5)
		name := cut(nameStyle, line.Name, intervalNames-vg.Points(6))
		c.FillText(aligned(nameStyle, draw.XRight, draw.YCenter), vg.Point{X: c.Min.X - vg.Points(6), Y: middle}, name)
		c.StrokeLine2(draw.LineStyle{Color: palette[line.Group], Width: lineWidth}, x(line.Low), middle, x(line.High), middle)
		drawMarker(c, line.Group, vg.Point{X: x(line.Value), Y: middle}, false)
		value := aligned(coloured(labelStyle, dark(palette[line.Group])), draw.XLeft, draw.YCenter)
		c.FillText(value, vg.Point{X: x(line.High) + vg.Points(3), Y: middle}, cmp.Or(line.Note, shortValue(line.Value)))
	}
}

func checkIntervals(lines []Interval, references []Reference) error {
	if len(lines) == 0 || len(lines) > maxIntervals {
		return fmt.Errorf("%d lines, want 1 to %d", len(lines), maxIntervals)
	}
	for _, line := range lines {
		if !finite(line.Value, line.Low, line.High) || line.Value < line.Low || line.Value > line.High {
			return fmt.Errorf("%s: the value %v and its interval [%v, %v] do not fit each other", line.Name, line.Value, line.Low, line.High)
		}
		if line.Group < 0 || line.Group >= len(palette) {
			return fmt.Errorf("%s: group %d, want 0 to %d", line.Name, line.Group, len(palette)-1)
		}
	}
	for _, r := range references {
		if !finite(r.Value) {
			return errors.New("a reference is no finite number")
		}
	}
	return nil
}
