package figure

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	lineWidth    = 1.5 * vg.Length(1)
	markerRadius = 2.2 * vg.Length(1)
	labelGap     = 2.5 * vg.Length(1)

	referencePlaces = 16 // horizontal positions tried for the name of a reference
)

// drawData draws bands first, then references, lines and markers, and last the labels into the space that is left.
func (m *metrics) drawData(c draw.Canvas, p *plot.Plot, panel Panel) {
	x, y := p.Transforms(&c)
	labels := &placer{area: vg.Rectangle{
		Min: vg.Point{X: c.Min.X + vg.Points(2), Y: c.Min.Y + vg.Points(1)},
		Max: vg.Point{X: c.Max.X, Y: c.Max.Y},
	}}
	lines := make([][]vg.Point, len(panel.Series))
	for i, s := range panel.Series {
		var low, high []vg.Point
		for _, v := range s.Scores {
			lines[i] = append(lines[i], vg.Point{X: x(float64(v.Epoch)), Y: y(v.Value)})
			low = append(low, vg.Point{X: x(float64(v.Epoch)), Y: y(v.Low)})
			high = append(high, vg.Point{X: x(float64(v.Epoch)), Y: y(v.High)})
		}
		drawBand(c, palette[m.colourOf(s.Name)], low, high)
		labels.addBand(low, high, bandWeight)
		labels.addLine(lines[i])
	}
	for _, r := range panel.References {
		style := referenceStyle(slices.Index(m.references, r.Name))
		c.StrokeLine2(style, c.Min.X, y(r.Value), c.Max.X, y(r.Value))
		labels.addLine([]vg.Point{{X: c.Min.X, Y: y(r.Value)}, {X: c.Max.X, Y: y(r.Value)}})
	}
	for i, s := range panel.Series {
		colour := m.colourOf(s.Name)
		c.StrokeLines(draw.LineStyle{Color: palette[colour], Width: lineWidth}, lines[i])
		crowded := x(1)-x(0) < 3*markerRadius
		for k, at := range lines[i] {
			if k == 0 || k == len(lines[i])-1 || !crowded {
				drawMarker(c, colour, at, s.Scores[k].Epoch == Untrained)
			}
		}
	}
	m.labelSeries(c, p, panel, lines, labels)
	labelReferences(c, panel.References, y, labels)
}

// labelSeries writes the last value of every line; with a single panel also its name, in the margin on the right.
func (m *metrics) labelSeries(c draw.Canvas, p *plot.Plot, panel Panel, lines [][]vg.Point, labels *placer) {
	if len(m.panels) > 1 {
		for i, s := range panel.Series {
			at := lines[i][len(lines[i])-1]
			style := coloured(labelStyle, dark(palette[m.colourOf(s.Name)]))
			txt := shortValue(s.Scores[len(s.Scores)-1].Value)
			size := vg.Point{X: style.Width(txt), Y: style.Font.Size}
			above, below := at.Y+markerRadius+labelGap, at.Y-markerRadius-labelGap-size.Y
			labels.draw(c, style, txt, []vg.Point{{X: at.X - size.X/2, Y: above}, {X: at.X - size.X/2, Y: below},
				{X: at.X - size.X*1.2, Y: above}, {X: at.X - size.X*1.2, Y: below}})
		}
		return
	}
	drawEndLabels(c, p, m.endLabels())
}

// endLabels name the series of the only panel.
func (m *metrics) endLabels() []endLabel {
	var ends []endLabel
	for _, s := range m.panels[0].Series {
		last := s.Scores[len(s.Scores)-1].Value
		ends = append(ends, endLabel{m.colourOf(s.Name), s.Name + " " + shortValue(last), last})
	}
	return ends
}

func labelReferences(c draw.Canvas, references []Reference, y func(float64) vg.Length, labels *placer) {
	for _, r := range references {
		value := " " + shortValue(r.Value)
		room := labels.area.Max.X - labels.area.Min.X
		txt := cut(labelStyle, r.Name, room-labelStyle.Width(value)) + value
		free := room - labelStyle.Width(txt)
		above, below := y(r.Value)+labelGap, y(r.Value)-labelGap-labelStyle.Font.Size
		var candidates []vg.Point
		for i := range referencePlaces {
			shift := vg.Length(i) / referencePlaces * free // from both ends inwards
			left, right := labels.area.Min.X+shift, labels.area.Min.X+free-shift
			candidates = append(candidates, vg.Point{X: right, Y: above}, vg.Point{X: left, Y: above},
				vg.Point{X: right, Y: below}, vg.Point{X: left, Y: below})
		}
		labels.draw(c, labelStyle, txt, candidates)
	}
}

// shortValue has as many digits as an interval from some hundred queries can carry.
func shortValue(v float64) string { return formatNumber(v, 3) }

func drawBand(c draw.Canvas, colour color.NRGBA, low, high []vg.Point) {
	outline := slices.Clone(high)
	slices.Reverse(outline)
	c.FillPolygon(faint(colour, 0x30), append(slices.Clone(low), outline...))
}

// drawMarker draws the shape that belongs to the colour, so that lines can be told apart in black and white too.
func drawMarker(c draw.Canvas, colour int, at vg.Point, hollow bool) {
	shapes := [...]draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}
	style := draw.GlyphStyle{Color: palette[colour], Radius: markerRadius, Shape: shapes[colour%len(shapes)]}
	c.DrawGlyphNoClip(style, at)
	if hollow {
		style.Color, style.Radius = color.White, 0.55*markerRadius
		c.DrawGlyphNoClip(style, at)
	}
}

// referenceStyle tells references from series, which are solid and coloured, and from each other.
func referenceStyle(i int) draw.LineStyle {
	patterns := [...][]vg.Length{{5, 2.5}, {1, 2}, {6, 2, 1, 2}}
	return draw.LineStyle{Color: grey, Width: vg.Points(0.9), Dashes: patterns[i%len(patterns)]}
}

// dark is a series colour made dark enough for small type.
func dark(c color.NRGBA) color.NRGBA {
	const keep = 0.78
	c.R, c.G, c.B = uint8(keep*float64(c.R)), uint8(keep*float64(c.G)), uint8(keep*float64(c.B))
	return c
}
