package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// curve is a noisy quantity by step: faint points under their moving mean, or marked points on a line if they are few.
type curve struct {
	name   string
	colour int // index in the palette
	x, y   []float64
}

const (
	fewPoints = 30   // up to so many are shown themselves
	maxDots   = 1000 // more would hide each other and swell the SVG
)

func (v *curve) add(x int, y float64) {
	v.x = append(v.x, float64(x))
	v.y = append(v.y, y)
}

// window is the odd number of points that one value of the moving mean covers: a twentieth of all, or one if they are few.
func (v *curve) window() int {
	if len(v.y) <= fewPoints {
		return 1
	}
	return max(3, len(v.y)/20|1)
}

// stride is how many points share one dot.
func (v *curve) stride() int { return (len(v.y) + maxDots - 1) / maxDots }

// note explains what is drawn, to stand beside the heading.
func (v *curve) note(unit, units string) string {
	switch w := v.window(); {
	case w == 1:
		return ""
	case v.stride() == 1:
		return fmt.Sprintf("dots: each %s, line: mean of %d %s", unit, w, units)
	default:
		return fmt.Sprintf("dots: one in %d %s, line: mean of %d", v.stride(), units, w)
	}
}

// smooth returns the centred moving mean, over what there is of the window near the ends.
func (v *curve) smooth() []float64 {
	half := v.window() / 2
	mean := make([]float64, len(v.y))
	for i := range v.y {
		from, to := max(0, i-half), min(len(v.y), i+half+1)
		sum := 0.0
		for _, y := range v.y[from:to] {
			sum += y
		}
		mean[i] = sum / float64(to-from)
	}
	return mean
}

// top is the highest value plus a share of the whole range.
func (v *curve) top(share float64) float64 {
	low, high := slices.Min(v.y), slices.Max(v.y)
	return high + share*(high-low)
}

// plot adds the curve to p and widens p's axes to hold it; the vertical one gets at most intervals marked.
func (v *curve) plot(p *plot.Plot, intervals int) {
	for i := range v.x {
		p.X.Min, p.X.Max = min(p.X.Min, v.x[i]), max(p.X.Max, v.x[i])
		p.Y.Min, p.Y.Max = min(p.Y.Min, v.y[i]), max(p.Y.Max, v.y[i])
	}
	p.Y.Min, p.Y.Max = niceRange(p.Y.Min, p.Y.Max, intervals)
	p.Y.Tick.Marker = niceTicks(intervals)
	p.Add(annotation(v.draw))
}

func (v *curve) draw(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	colour := palette[v.colour]
	few := v.window() == 1
	var line []vg.Point
	mean := v.smooth()
	for i := 0; i < len(mean); i += v.stride() {
		line = append(line, vg.Point{X: x(v.x[i]), Y: y(mean[i])})
		if !few {
			dot := draw.GlyphStyle{Color: faint(colour, 0x48), Radius: vg.Points(0.9), Shape: draw.CircleGlyph{}}
			c.DrawGlyphNoClip(dot, vg.Point{X: x(v.x[i]), Y: y(v.y[i])})
		}
	}
	c.StrokeLines(draw.LineStyle{Color: colour, Width: lineWidth}, line)
	for _, at := range line {
		if few {
			drawMarker(c, v.colour, at, false)
		}
	}
}

func (v *curve) end() endLabel {
	last := v.smooth()[len(v.y)-1]
	return endLabel{v.colour, v.name + " " + shortValue(last), last}
}
