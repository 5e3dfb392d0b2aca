package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Interval is one line of [Intervals]: a value and its interval.
type Interval struct {
	Name             string // lines of one name that follow each other stand close together, with the name once
	Value, Low, High float64
	Group            int    // its place in the groups, which gives line and marker their colour
	Note             string // stands beside the line; the value if empty
}

const (
	maxIntervals   = 1000              // more than a metre high
	intervalHeight = 15 * vg.Length(1) // of a line with its own name
	closeHeight    = 9 * vg.Length(1)  // of one more line of the same name
	intervalNames  = 150 * vg.Length(1)
)

// Intervals draws one metric of several methods below each other, the first on top: a dot for the value, with the value beside it, and a line for its
// interval. The key above names the groups, if there are several. References are broken lines from top to bottom, such as chance.
//
// It returns an error for no lines or more than 1000, values that are not finite or outside their interval, more than six groups, and lines of
// none of them.
func Intervals(title, metric string, groups []string, lines []Interval, references []Reference) (*Figure, error) {
	if err := checkIntervals(groups, lines, references); err != nil {
		return nil, fmt.Errorf("figure: intervals: %w", err)
	}
	in := intervals{slices.Clone(groups), slices.Clone(lines), slices.Clone(references), make([]vg.Length, len(lines)), 0}
	for i, line := range lines {
		height := intervalHeight
		if i > 0 && line.Name == lines[i-1].Name {
			height = closeHeight
		}
		in.height += height
		in.middles[i] = in.height - intervalHeight/2
	}
	height := in.height + vg.Points(48)
	if len(groups) > 1 {
		_, keyHeight := layKey(groups)
		height += keyHeight
	}
	return &Figure{titleLines(title), height, func(c draw.Canvas) { in.draw(c, metric) }}, nil
}

type intervals struct {
	groups     []string
	lines      []Interval
	references []Reference
	middles    []vg.Length // of the lines, from the top down
	height     vg.Length   // of all lines
}

func (in *intervals) draw(c draw.Canvas, metric string) {
	if len(in.groups) > 1 {
		c = drawKey(c, in.groups)
	}
	low, high := in.lines[0].Low, in.lines[0].High
	for _, line := range in.lines {
		low, high = min(low, line.Low), max(high, line.High)
	}
	for _, r := range in.references {
		low, high = min(low, r.Value), max(high, r.Value)
	}
	low, high = niceRange(low, high, scoreTicks)
	p := newPanel(metric, "")
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = low, high, -float64(in.height), 0.7*float64(intervalHeight) // above the first line stand the references' names
	p.X.Tick.Marker = niceTicks(scoreTicks)
	p.Y.Tick.Marker = plot.ConstantTicks(nil)
	p.Add(annotation(in.drawLines))
	right := c.Max.X
	c.Min.X += intervalNames
	c.Max.X -= vg.Points(22) // for the value of the best
	for _, line := range in.lines {
		c.Max.X = min(c.Max.X, right-labelStyle.Width(line.Note))
	}
	p.Draw(c)
}

func (in *intervals) drawLines(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i, r := range in.references {
		c.StrokeLine2(referenceStyle(i), x(r.Value), c.Min.Y, x(r.Value), c.Max.Y)
		c.FillText(labelStyle, vg.Point{X: x(r.Value) + labelGap, Y: c.Max.Y}, r.Name+" "+shortValue(r.Value))
	}
	first := 0 // of the lines with this name
	for i, line := range in.lines {
		text := y(-float64(in.middles[i]))
		middle := text - lettersLow
		c.StrokeLine2(draw.LineStyle{Color: palette[line.Group], Width: lineWidth}, x(line.Low), middle, x(line.High), middle)
		drawMarker(c, line.Group, vg.Point{X: x(line.Value), Y: middle}, false)
		in.drawNote(c, line, vg.Point{X: max(x(line.High), x(line.Value)+markerRadius) + labelGap, Y: text})
		if i+1 < len(in.lines) && in.lines[i+1].Name == line.Name {
			continue
		}
		name := cut(nameStyle, line.Name, intervalNames-vg.Points(6))
		c.FillText(aligned(nameStyle, draw.XRight, draw.YCenter), vg.Point{X: c.Min.X - vg.Points(6), Y: y(-float64(in.middles[first]+in.middles[i]) / 2)}, name)
		first = i + 1
	}
}

// drawNote writes what stands beside a line, on a veil of white that keeps references from running through the letters.
func (in *intervals) drawNote(c draw.Canvas, line Interval, at vg.Point) {
	note := cmp.Or(line.Note, shortValue(line.Value))
	half := vg.Point{Y: labelStyle.Font.Size / 2}
	c.SetColor(color.NRGBA{0xFF, 0xFF, 0xFF, 0xC8})
	c.Fill(vg.Rectangle{Min: at.Sub(half), Max: at.Add(half).Add(vg.Point{X: labelStyle.Width(note)})}.Path())
	c.FillText(aligned(coloured(labelStyle, dark(palette[line.Group])), draw.XLeft, draw.YCenter), at, note)
}

func checkIntervals(groups []string, lines []Interval, references []Reference) error {
	if len(lines) == 0 || len(lines) > maxIntervals {
		return fmt.Errorf("%d lines, want 1 to %d", len(lines), maxIntervals)
	}
	if len(groups) > len(palette) {
		return fmt.Errorf("%d groups, want at most %d, the number of colours", len(groups), len(palette))
	}
	for _, line := range lines {
		if !finite(line.Value, line.Low, line.High) || line.Value < line.Low || line.Value > line.High {
			return fmt.Errorf("%s: the value %v and its interval [%v, %v] do not fit each other", line.Name, line.Value, line.Low, line.High)
		}
		if line.Group < 0 || line.Group >= max(1, len(groups)) {
			return fmt.Errorf("%s: group %d, but there are %d", line.Name, line.Group, len(groups))
		}
	}
	for _, r := range references {
		if !finite(r.Value) {
			return errors.New("a reference is no finite number")
		}
	}
	return nil
}
