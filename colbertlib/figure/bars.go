package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Counts is how many texts of one kind each series has.
type Counts struct {
	Name   string
	Counts []int // one for each series
}

const (
	maxRows   = 60
	barHeight = 7 * vg.Length(1)
	rowGap    = 6 * vg.Length(1)
	barNotes  = 88 * vg.Length(1) // room for the figures at the ends of bars
)

// Bars compares series of counts row by row: each bar is the row's share of its series, so that series of different size can be
// compared, and at its end stand share and count. The picture is as high as the rows require.
//
// It returns an error for no series, more than six, no rows, more than 60, rows without a count for each series, and negative counts.
func Bars(title string, series []string, rows []Counts) (*Figure, error) {
	b := bars{series: slices.Clone(series), totals: make([]int, len(series))}
	if len(series) == 0 || len(series) > maxSeries || len(rows) == 0 || len(rows) > maxRows {
		return nil, fmt.Errorf("figure: bars: %d series and %d rows, want 1 to %d and 1 to %d", len(series), len(rows), maxSeries, maxRows)
	}
	for i, row := range rows {
		if len(row.Counts) != len(series) || slices.Min(row.Counts) < 0 {
			return nil, fmt.Errorf("figure: bars: row %d (%s) has the counts %d, want one of at least 0 for each of %d series", i+1, row.Name, row.Counts, len(series))
		}
		for k, n := range row.Counts {
			b.totals[k] += n
		}
		b.rows = append(b.rows, Counts{twoLines(row.Name), slices.Clone(row.Counts)})
	}
	for _, row := range b.rows {
		for k := range row.Counts {
			b.highest = max(b.highest, b.share(row, k))
		}
	}
	return &Figure{titleLines(title), lineHeight(labelStyle) + vg.Points(4) + vg.Length(len(rows))*b.rowHeight(), b.draw}, nil
}

type bars struct {
	series  []string
	rows    []Counts // names broken into lines
	totals  []int    // of each series
	highest float64  // share
}

func (b bars) share(row Counts, k int) float64 {
	return float64(row.Counts[k]) / float64(max(b.totals[k], 1))
}

// rowHeight has room for all bars and for a name of two lines.
func (b bars) rowHeight() vg.Length {
	return vg.Length(math.Max(float64(len(b.series))*float64(barHeight), 2*float64(labelStyle.Font.Size))) + rowGap
}

func (b bars) draw(c draw.Canvas) {
	x := c.Min.X
	for k, name := range b.series {
		c.SetColor(palette[k])
		c.Fill(vg.Rectangle{Min: vg.Point{X: x, Y: c.Max.Y - labelStyle.Font.Size}, Max: vg.Point{X: x + vg.Points(7), Y: c.Max.Y - vg.Points(1)}}.Path())
		key := fmt.Sprintf("%s (%s)", name, whole(b.totals[k]))
		c.FillText(coloured(labelStyle, ink), vg.Point{X: x + vg.Points(10), Y: c.Max.Y}, key)
		x += vg.Points(24) + labelStyle.Width(key)
	}
	left := c.Min.X + nameWidth + vg.Points(6)
	scale := (c.Max.X - left - barNotes) / vg.Length(max(b.highest, 1e-9))
	top := c.Max.Y - lineHeight(labelStyle) - vg.Points(4)
	for i, row := range b.rows {
		y := top - vg.Length(i)*b.rowHeight()
		middle := y - (b.rowHeight()-rowGap)/2
		c.FillText(aligned(nameStyle, draw.XRight, draw.YCenter), vg.Point{X: left - vg.Points(6), Y: middle}, row.Name)
		first := middle + vg.Length(len(b.series))*barHeight/2
		for k, n := range row.Counts {
			bar := vg.Rectangle{
				Min: vg.Point{X: left, Y: first - vg.Length(k+1)*barHeight + vg.Points(1)},
				Max: vg.Point{X: left + vg.Length(b.share(row, k))*scale, Y: first - vg.Length(k)*barHeight},
			}
			c.SetColor(palette[k])
			c.Fill(bar.Path())
			note := fmt.Sprintf("%s %% (%s)", formatNumber(100*b.share(row, k), 1), whole(n))
			small := labelStyle
			small.Font.Size = barHeight
			c.FillText(aligned(small, draw.XLeft, draw.YCenter), vg.Point{X: bar.Max.X + vg.Points(3), Y: (bar.Min.Y + bar.Max.Y) / 2}, note)
		}
	}
	c.StrokeLine2(draw.LineStyle{Color: grey, Width: vg.Points(0.5)}, left, top, left, top-vg.Length(len(b.rows))*b.rowHeight()+rowGap)
}
