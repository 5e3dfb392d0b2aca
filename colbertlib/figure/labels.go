package figure

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// placer puts labels where they cover the least of what is drawn. Its coordinates are those of the canvas.
type placer struct {
	area      vg.Rectangle
	obstacles []obstacle
}

type obstacle struct {
	vg.Rectangle
	weight float64 // cost of covering one square point
}

const (
	// What it costs a label to cover a square point of each kind.
	bandWeight  = 0.15
	lineWeight  = 8
	labelWeight = 80
	// A later candidate must be cheaper by this much, so that labels keep to the usual places.
	clearlyBetter = 12
)

func (p *placer) add(r vg.Rectangle, weight float64) {
	p.obstacles = append(p.obstacles, obstacle{r, weight})
}

// addBand makes obstacles of the area between the lines low and high, which share their x values, in slices a point wide.
func (p *placer) addBand(low, high []vg.Point, weight float64) {
	for i := 1; i < len(low); i++ {
		n := max(1, int(low[i].X-low[i-1].X))
		for k := range n {
			t0, t1 := vg.Length(k)/vg.Length(n), vg.Length(k+1)/vg.Length(n)
			p.add(vg.Rectangle{
				Min: vg.Point{X: between(low[i-1].X, low[i].X, t0),
					Y: min(between(low[i-1].Y, low[i].Y, t0), between(low[i-1].Y, low[i].Y, t1))},
				Max: vg.Point{X: between(low[i-1].X, low[i].X, t1),
					Y: max(between(high[i-1].Y, high[i].Y, t0), between(high[i-1].Y, high[i].Y, t1))},
			}, weight)
		}
	}
}

func between(a, b, t vg.Length) vg.Length { return a + t*(b-a) }

// addLine is addBand for a line as thick as a marker.
func (p *placer) addLine(line []vg.Point) {
	low, high := make([]vg.Point, len(line)), make([]vg.Point, len(line))
	for i, at := range line {
		low[i], high[i] = vg.Point{X: at.X, Y: at.Y - markerRadius}, vg.Point{X: at.X, Y: at.Y + markerRadius}
	}
	p.addBand(low, high, lineWeight)
}

// draw sets txt with its lower left corner at the cheapest candidate, moved into the area if need be, on a veil of white
// that keeps lines and bands from running through the letters.
func (p *placer) draw(c draw.Canvas, s text.Style, txt string, candidates []vg.Point) {
	size := vg.Point{X: s.Width(txt), Y: s.Font.Size}
	best, bestCost := vg.Rectangle{}, math.Inf(1)
	for _, at := range candidates {
		at.X = min(max(at.X, p.area.Min.X), p.area.Max.X-size.X)
		at.Y = min(max(at.Y, p.area.Min.Y), p.area.Max.Y-size.Y)
		box := vg.Rectangle{Min: at, Max: at.Add(size)}
		if cost := p.cost(box); cost < bestCost-clearlyBetter {
			best, bestCost = box, cost
		}
	}
	p.add(best, labelWeight)
	c.SetColor(color.NRGBA{0xFF, 0xFF, 0xFF, 0xA8})
	c.Fill(best.Path())
	c.FillText(s, vg.Point{X: best.Min.X, Y: best.Max.Y}, txt)
}

func (p *placer) cost(box vg.Rectangle) float64 {
	cost := 0.0
	for _, o := range p.obstacles {
		w := min(box.Max.X, o.Max.X) - max(box.Min.X, o.Min.X)
		h := min(box.Max.Y, o.Max.Y) - max(box.Min.Y, o.Min.Y)
		if w > 0 && h > 0 {
			cost += o.weight * float64(w) * float64(h)
		}
	}
	return cost
}

// endLabel names a line at its end, in the margin on the right.
type endLabel struct {
	colour int // index in the palette
	text   string
	y      float64 // where the line ends
}

// endLabelGap lies between the data area and the labels in the margin.
const endLabelGap = 5 * vg.Length(1)

// endLabelsWidth is the width of the margin that labels need.
func endLabelsWidth(labels []endLabel) vg.Length {
	var w vg.Length
	for _, l := range labels {
		w = max(w, labelStyle.Width(l.text))
	}
	return w + endLabelGap
}

// drawEndLabels writes each label as near to its line's end as its neighbours allow.
func drawEndLabels(c draw.Canvas, p *plot.Plot, labels []endLabel) {
	_, y := p.Transforms(&c)
	labels = slices.Clone(labels)
	slices.SortStableFunc(labels, func(a, b endLabel) int { return cmp.Compare(a.y, b.y) })
	middles := make([]vg.Length, len(labels))
	for i, l := range labels {
		middles[i] = y(l.y)
	}
	half := labelStyle.Font.Size / 2
	spread(middles, lineHeight(labelStyle), c.Min.Y+half, c.Max.Y-half)
	for i, l := range labels {
		c.FillText(coloured(labelStyle, dark(palette[l.colour])), vg.Point{X: c.Max.X + endLabelGap, Y: middles[i] + half}, l.text)
	}
}

// spread moves ascending positions apart until neighbours are at least gap from each other and all lie in [low, high], if
// there is room, moving each group that touches as little as it can as a whole.
func spread(y []vg.Length, gap, low, high vg.Length) {
	type group struct {
		sum vg.Length // of the wanted positions of the first label that each member implies
		n   int
	}
	start := func(g group) vg.Length {
		return max(low, min(g.sum/vg.Length(g.n), high-vg.Length(g.n-1)*gap))
	}
	var groups []group
	for _, want := range y {
		g := group{want, 1}
		for len(groups) > 0 {
			previous := groups[len(groups)-1]
			if start(previous)+vg.Length(previous.n)*gap <= start(g) {
				break
			}
			// Every member of g starts previous.n labels later than the joint group does.
			g = group{previous.sum + g.sum - vg.Length(g.n*previous.n)*gap, previous.n + g.n}
			groups = groups[:len(groups)-1]
		}
		groups = append(groups, g)
	}
	i := 0
	for _, g := range groups {
		for k := range g.n {
			y[i] = start(g) + vg.Length(k)*gap
			i++
		}
	}
}
