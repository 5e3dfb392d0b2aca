package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// TokenCounts is the lengths of some texts: how many tokens each has, and how many of them the model reads.
type TokenCounts struct {
	Heading string
	Counts  []int
	Limit   int // 0: the model reads all
}

const (
	maxHistograms   = 6
	histogramHeight = 4.2 * vg.Centimeter
	perDoubling     = 4 // bars between a number of tokens and its double
	maxTokenCount   = 1 << 40
)

// TokenHistogram draws how many texts have how many tokens, one panel below the other on a common logarithmic axis. A broken
// line marks what the model reads; texts that are longer have another colour.
//
// It returns an error for no panels, more than six, a panel without texts, and counts below 1.
func TokenHistogram(title string, panels []TokenCounts) (*Figure, error) {
	if len(panels) == 0 || len(panels) > maxHistograms {
		return nil, fmt.Errorf("figure: token histogram: %d panels, want 1 to %d", len(panels), maxHistograms)
	}
	h := histograms{low: math.Inf(1)}
	for i, panel := range panels {
		if len(panel.Counts) == 0 {
			return nil, fmt.Errorf("figure: token histogram: panel %d (%s) has no texts", i+1, panel.Heading)
		}
		if least, most := slices.Min(panel.Counts), slices.Max(panel.Counts); least < 1 || most > maxTokenCount {
			return nil, fmt.Errorf("figure: token histogram: panel %d (%s) has counts from %d to %d, want numbers from 1 to %d", i+1, panel.Heading, least, most, maxTokenCount)
		}
		h.add(panel)
	}
	height := vg.Length(len(panels))*histogramHeight + lineHeight(labelStyle)
	return &Figure{titleLines(title), height, h.draw}, nil
}

type histograms struct {
	panels    []histogram
	low, high float64 // of the axis, in doublings
}

// histogram is a panel's bars, of equal width on the logarithmic axis.
type histogram struct {
	heading, note string
	limit         int
	longer        int // texts beyond limit
	texts         int
	first         int   // the number of the first bar; bar k begins at 2^(k/perDoubling) tokens
	read, cut     []int // texts up to and beyond limit, for each bar
}

func (h *histograms) add(panel TokenCounts) {
	bar := func(n int) int { return int(math.Floor(perDoubling*math.Log2(float64(n)) + 1e-9)) }
	first, last := bar(slices.Min(panel.Counts)), bar(slices.Max(panel.Counts))
	g := histogram{
		heading: panel.Heading, limit: panel.Limit, first: first, texts: len(panel.Counts),
		read: make([]int, last-first+1), cut: make([]int, last-first+1),
	}
	sorted := slices.Sorted(slices.Values(panel.Counts))
	for _, n := range sorted {
		if panel.Limit > 0 && n > panel.Limit {
			g.cut[bar(n)-first]++
			g.longer++
		} else {
			g.read[bar(n)-first]++
		}
	}
	g.note = fmt.Sprintf("%s texts, median %s tokens, longest %s", whole(len(sorted)), whole(sorted[(len(sorted)-1)/2]), whole(sorted[len(sorted)-1]))
	h.low, h.high = min(h.low, edge(first)), max(h.high, edge(last+1))
	if panel.Limit > 0 {
		h.low, h.high = min(h.low, math.Log2(float64(panel.Limit))), max(h.high, math.Log2(float64(panel.Limit)))
	}
	h.panels = append(h.panels, g)
}

// edge is where a bar begins, in doublings.
func edge(bar int) float64 { return float64(bar) / perDoubling }

func whole(n int) string { return formatNumber(float64(n), 0) }

func (h histograms) draw(c draw.Canvas) {
	plots := make([][]*plot.Plot, len(h.panels))
	for i, g := range h.panels {
		p := newPanel(g.heading, g.note)
		p.X.Min, p.X.Max = h.low-0.1, h.high+0.1
		p.X.Tick.Marker = doublings{}
		if i < len(h.panels)-1 {
			p.X.Tick.Marker = blankTicks{doublings{}}
		} else {
			p.X.Label.Text = "tokens (logarithmic)"
		}
		_, p.Y.Max = niceRange(0, float64(g.highest()), 3)
		p.Y.Min, p.Y.Tick.Marker = 0, wholeTicks(3)
		p.Add(annotation(g.draw))
		plots[i] = []*plot.Plot{p}
	}
	rows := plot.Align(plots, draw.Tiles{Rows: len(plots), Cols: 1, PadY: vg.Points(4)}, c)
	for i := range plots {
		plots[i][0].Draw(rows[i][0])
	}
}

// highest is the number of texts of the highest bar, with some room above it.
func (g histogram) highest() int {
	most := 1
	for i := range g.read {
		most = max(most, g.read[i]+g.cut[i])
	}
	return most + most/10
}

func (g histogram) draw(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	fill := func(colour color.Color, bar, from, to int) {
		if from == to {
			return
		}
		gap := vg.Points(0.5)
		c.SetColor(colour)
		c.Fill(vg.Rectangle{
			Min: vg.Point{X: x(edge(g.first+bar)) + gap, Y: y(float64(from))},
			Max: vg.Point{X: x(edge(g.first+bar+1)) - gap, Y: y(float64(to))},
		}.Path())
	}
	for i := range g.read {
		fill(palette[0], i, 0, g.read[i])
		fill(palette[1], i, g.read[i], g.read[i]+g.cut[i])
	}
	if g.limit == 0 {
		return
	}
	at := x(math.Log2(float64(g.limit)))
	c.StrokeLine2(referenceStyle(0), at, c.Min.Y, at, c.Max.Y)
	label := fmt.Sprintf("%s tokens are read, %s %% of texts are longer", whole(g.limit), formatNumber(100*float64(g.longer)/float64(g.texts), 1))
	style, left := labelStyle, at+labelGap
	if left+style.Width(label) > c.Max.X { // no room on the right of the line
		left = max(c.Min.X, at-labelGap-style.Width(label))
	}
	c.FillText(style, vg.Point{X: left, Y: c.Max.Y}, cut(style, label, c.Max.X-left))
}

// doublings marks powers of two on an axis whose unit is a doubling.
type doublings struct{}

// Ticks implements [plot.Ticker].
func (doublings) Ticks(low, high float64) []plot.Tick {
	step := math.Ceil((high - low) / 12)
	var ticks []plot.Tick
	for power := math.Ceil(low / step); power*step <= high; power++ {
		ticks = append(ticks, plot.Tick{Value: power * step, Label: formatNumber(math.Exp2(power*step), 0)})
	}
	return ticks
}
