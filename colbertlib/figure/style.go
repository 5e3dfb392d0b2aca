package figure

import (
	"image/color"
	"sort"
	"strings"
	"unicode"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The series colours of Okabe and Ito, without the yellow, which is too light for lines on white.
var palette = [...]color.NRGBA{
	{0x00, 0x72, 0xB2, 0xFF}, // blue
	{0xD5, 0x5E, 0x00, 0xFF}, // vermilion
	{0x00, 0x9E, 0x73, 0xFF}, // bluish green
	{0xCC, 0x79, 0xA7, 0xFF}, // reddish purple
	{0xE6, 0x9F, 0x00, 0xFF}, // orange
	{0x56, 0xB4, 0xE9, 0xFF}, // sky blue
}

var (
	ink       = color.NRGBA{0x22, 0x22, 0x22, 0xFF}
	grey      = color.NRGBA{0x59, 0x59, 0x59, 0xFF} // contrast 7:1 on white
	lightGrey = color.NRGBA{0xC8, 0xC8, 0xC8, 0xFF}
	gridGrey  = color.NRGBA{0xE4, 0xE4, 0xE4, 0xFF}
	shade     = color.NRGBA{0x00, 0x00, 0x00, 0x0C} // lets the grid through
)

var (
	titleStyle    = textStyle(10.5, stdfont.WeightBold, ink)
	subtitleStyle = textStyle(8.5, stdfont.WeightNormal, grey)
	headingStyle  = textStyle(9, stdfont.WeightBold, ink)
	labelStyle    = textStyle(8, stdfont.WeightNormal, grey)
)

// textStyle is a style whose anchor is the upper left corner of the text.
func textStyle(points float64, weight stdfont.Weight, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight, Size: vg.Points(points)},
		XAlign:  draw.XLeft,
		YAlign:  draw.YTop,
		Handler: text.Plain{Fonts: font.DefaultCache},
	}
}

func lineHeight(s text.Style) vg.Length { return 1.3 * s.Font.Size }

// wrap breaks text at spaces into lines no wider than limit; a single word that is wider is cut.
func wrap(s text.Style, txt string, limit vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(printable(txt)) {
		switch {
		case line == "":
			line = word
		case s.Width(line+" "+word) <= limit:
			line += " " + word
		default:
			lines = append(lines, cut(s, line, limit))
			line = word
		}
	}
	return append(lines, cut(s, line, limit))
}

// cut shortens text to limit, with an ellipsis for what is missing.
func cut(s text.Style, txt string, limit vg.Length) string {
	txt = printable(txt)
	if s.Width(txt) <= limit {
		return txt
	}
	runes := []rune(txt)
	tooMany := sort.Search(len(runes), func(n int) bool { return s.Width(string(runes[:n])+"…") > limit })
	return strings.TrimSpace(string(runes[:max(0, tooMany-1)])) + "…"
}

// printable replaces what an SVG file may not hold.
func printable(txt string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(txt, "\uFFFD"))
}

// annotation is a plotter that is only a function. It may draw outside the data area.
type annotation func(draw.Canvas, *plot.Plot)

func (a annotation) Plot(c draw.Canvas, p *plot.Plot) { a(c, p) }

// newPanel is an empty plot in our style, with its heading above the left end of the axis and a note in lighter type after
// it. Fonts are set here, on the plot, because gonum's defaults are package variables that belong to the whole program.
func newPanel(heading, note string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.Title.Text = " " // reserves the line that the annotation below fills: gonum can only centre titles
	p.Title.TextStyle = headingStyle
	p.Title.Padding = vg.Points(3)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Padding = 0
		axis.Width = vg.Points(0.5)
		axis.LineStyle.Color = grey
		axis.Tick.LineStyle = axis.LineStyle
		axis.Tick.Length = vg.Points(3)
		axis.Label.Padding = vg.Points(2)
	}
	p.X.Label.TextStyle = aligned(labelStyle, draw.XCenter, draw.YBottom)
	p.X.Tick.Label = aligned(labelStyle, draw.XCenter, draw.YTop)
	p.Y.Tick.Label = aligned(labelStyle, draw.XRight, draw.YCenter)
	p.Y.Width, p.Y.Tick.LineStyle.Width = 0, 0 // the grid says enough
	p.Y.Padding = vg.Points(3)
	p.Add(&plotter.Grid{Horizontal: draw.LineStyle{Color: gridGrey, Width: vg.Points(0.5)}})
	p.Add(annotation(func(c draw.Canvas, _ *plot.Plot) {
		heading := cut(headingStyle, heading, c.Max.X-c.Min.X)
		at := vg.Point{X: c.Min.X, Y: c.Max.Y + vg.Points(4) + headingStyle.Font.Size}
		c.FillText(headingStyle, at, heading)
		at.X += headingStyle.Width(heading + " ")
		if room := c.Max.X - at.X; room > labelStyle.Width("…") {
			c.FillText(labelStyle, at.Add(vg.Point{Y: (labelStyle.Font.Size - headingStyle.Font.Size) * 0.9}), cut(labelStyle, note, room))
		}
	}))
	return p
}

func aligned(s text.Style, x draw.XAlignment, y draw.YAlignment) text.Style {
	s.XAlign, s.YAlign = x, y
	return s
}

func coloured(s text.Style, c color.Color) text.Style {
	s.Color = c
	return s
}

// faint is the colour of bands and raw points under a line of colour c.
func faint(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}
