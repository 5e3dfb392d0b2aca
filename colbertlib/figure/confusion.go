package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	maxLabels   = 12 // of a confusion matrix; with more the names of columns would overlap
	columnGap   = 9 * vg.Length(1)
	nameWidth   = 108 * vg.Length(1)
	cellHeight  = 21 * vg.Length(1)
	columnAngle = math.Pi / 180 * 52
	darkest     = 0.75 // share of full blue in a cell, on which type has a contrast of 4.8:1
)

// Confusion draws a confusion matrix: counts[i][j] queries have the right label i and were given label j. Cells are shaded
// by their share of the row, so that rare labels are as readable as frequent ones; empty cells carry no figure. The picture
// is as high as the labels require.
//
// It returns an error for no labels, more than 12, counts that are not one row and column for each label, and negative or
// no counts at all.
func Confusion(title string, labels []string, counts [][]int) (*Figure, error) {
	if err := checkCounts(labels, counts); err != nil {
		return nil, fmt.Errorf("figure: confusion: %w", err)
	}
	m := confusion{labels: make([]string, len(labels)), counts: make([][]int, len(labels))}
	for i := range labels {
		m.labels[i] = twoLines(labels[i])
		m.counts[i] = slices.Clone(counts[i])
	}
	return &Figure{titleLines(title), m.height(), m.draw}, nil
}

var nameStyle = coloured(labelStyle, ink)

// twoLines breaks a name to fit its row, and cuts it where two lines are not enough.
func twoLines(name string) string {
	lines := wrap(nameStyle, name, nameWidth)
	if len(lines) > 2 {
		lines = []string{lines[0], cut(nameStyle, strings.Join(lines[1:], " "), nameWidth)}
	}
	return strings.Join(lines, "\n")
}

// confusion holds labels broken into lines.
type confusion struct {
	labels []string
	counts [][]int
}

func (m confusion) height() vg.Length {
	return lineHeight(labelStyle) + vg.Length(len(m.labels))*cellHeight + m.footHeight()
}

// footHeight is what the slanted names below the columns need.
func (m confusion) footHeight() vg.Length {
	var h vg.Length
	for _, label := range m.labels {
		h = max(h, rotated(nameStyle).Rectangle(label).Size().Y)
	}
	return h + columnGap
}

// rotated is s for a name that rises to its column from the lower left.
func rotated(s text.Style) text.Style {
	s = aligned(s, draw.XRight, draw.YCenter)
	s.Rotation = columnAngle
	return s
}

func (m confusion) draw(c draw.Canvas) {
	left := c.Min.X + nameWidth + vg.Points(6)
	top := c.Max.Y - lineHeight(labelStyle)
	cellWidth := (c.Max.X - left) / vg.Length(len(m.labels))
	c.FillText(aligned(labelStyle, draw.XRight, draw.YTop), vg.Point{X: left - vg.Points(6), Y: c.Max.Y}, "right label \u2193")
	c.FillText(labelStyle, vg.Point{X: left, Y: c.Max.Y}, "predicted label \u2192   (shade: share of the row)")
	for i, row := range m.counts {
		y := top - vg.Length(i)*cellHeight
		total := 0
		for _, n := range row {
			total += n
		}
		c.FillText(aligned(nameStyle, draw.XRight, draw.YCenter), vg.Point{X: left - vg.Points(6), Y: y - cellHeight/2}, m.labels[i])
		for j, n := range row {
			cell := vg.Rectangle{
				Min: vg.Point{X: left + vg.Length(j)*cellWidth, Y: y - cellHeight},
				Max: vg.Point{X: left + vg.Length(j+1)*cellWidth, Y: y},
			}
			drawCell(c, cell, n, total)
		}
	}
	bottom := top - vg.Length(len(m.labels))*cellHeight - columnGap
	for j, label := range m.labels {
		at := vg.Point{X: left + (vg.Length(j)+0.5)*cellWidth, Y: bottom}
		c.FillText(rotated(nameStyle), at, label)
	}
}

func drawCell(c draw.Canvas, cell vg.Rectangle, n, total int) {
	share := float64(n) / float64(max(total, 1))
	c.SetColor(blend(palette[0], darkest*share))
	c.Fill(cell.Path())
	c.SetLineStyle(draw.LineStyle{Color: gridGrey, Width: vg.Points(0.5)})
	c.Stroke(cell.Path())
	if n > 0 {
		style := aligned(nameStyle, draw.XCenter, draw.YCenter)
		c.FillText(style, vg.Point{X: (cell.Min.X + cell.Max.X) / 2, Y: (cell.Min.Y + cell.Max.Y) / 2}, fmt.Sprint(n))
	}
}

// blend mixes share of a colour with white.
func blend(c color.NRGBA, share float64) color.NRGBA {
	mix := func(v uint8) uint8 { return uint8(math.Round(255 - share*(255-float64(v)))) }
	return color.NRGBA{mix(c.R), mix(c.G), mix(c.B), 0xFF}
}

func checkCounts(labels []string, counts [][]int) error {
	if len(labels) == 0 || len(labels) > maxLabels {
		return fmt.Errorf("%d labels, want 1 to %d", len(labels), maxLabels)
	}
	if len(counts) != len(labels) {
		return fmt.Errorf("%d rows of counts for %d labels", len(counts), len(labels))
	}
	total := 0
	for i, row := range counts {
		if len(row) != len(labels) {
			return fmt.Errorf("row %d (%s) has %d counts for %d labels", i, labels[i], len(row), len(labels))
		}
		for j, n := range row {
			if n < 0 {
				return fmt.Errorf("row %d (%s), column %d: count %d is negative", i, labels[i], j, n)
			}
			total += n
		}
	}
	if total == 0 {
		return errors.New("all counts are zero")
	}
	return nil
}
