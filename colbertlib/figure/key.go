package figure

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	keyLine = 18 * vg.Length(1) // from the beginning of a line in the key to its name
	keyGap  = 12 * vg.Length(1)

	lettersLow = 0.7 * vg.Length(1) // the middle of digits lies so far below the middle of their line
)

// layKey places names in rows as wide as the picture, below and to the right of the origin.
func layKey(names []string) (at []vg.Point, height vg.Length) {
	var next vg.Point
	for i, name := range names {
		if i > 0 && next.X+keyLine+labelStyle.Width(name) > width-2*margin {
			next = vg.Point{Y: next.Y - lineHeight(labelStyle)}
		}
		at = append(at, next)
		next.X += keyLine + keyGap + labelStyle.Width(name)
	}
	return at, lineHeight(labelStyle) + vg.Points(4) - next.Y
}

// drawKey says which colour and marker belong to which name, and returns the canvas below.
func drawKey(c draw.Canvas, names []string) draw.Canvas {
	places, height := layKey(names)
	for i, name := range names {
		at := places[i].Add(vg.Point{X: c.Min.X, Y: c.Max.Y})
		middle := at.Y - labelStyle.Font.Size/2 - lettersLow
		c.StrokeLine2(draw.LineStyle{Color: palette[i], Width: lineWidth}, at.X, middle, at.X+vg.Points(14), middle)
		drawMarker(c, i, vg.Point{X: at.X + vg.Points(7), Y: middle}, false)
		c.FillText(coloured(labelStyle, ink), vg.Point{X: at.X + keyLine, Y: at.Y}, cut(labelStyle, name, width-2*margin-keyLine))
	}
	c.Max.Y -= height
	return c
}
