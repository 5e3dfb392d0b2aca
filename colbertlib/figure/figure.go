// Package figure draws the kit's pictures in one style: scores by epoch or by training set, loss and gradient norm by micro-step, loss by
// optimizer step, values with intervals, confusion matrices, histograms of text lengths, bars, and reliability diagrams.
//
// It knows no model: input is plain numbers, checked once, and output is a [Figure], which renders itself as PNG (200 dpi)
// or SVG. Pictures are 14 cm wide, the text width of a README or a page. The first line of a title is set bold, further
// lines (what the data is, how many, what the bands mean) smaller and grey; lines that are too long are wrapped, and
// the picture is as high as its title requires.
//
// Colours are those of Okabe and Ito (2008, "Color Universal Design"), which people with colour-deficient vision tell
// apart. Type is Liberation Sans, which covers Latin, Greek and Cyrillic; an SVG names it without embedding it and falls
// back on Arial, which has the same widths. Text that does not fit is cut with an ellipsis. Equal input gives equal bytes.
package figure

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	width      = 14 * vg.Centimeter
	plotHeight = 7.5 * vg.Centimeter // without the title: about 9 cm with a title of two lines
	dpi        = 200
	margin     = 8 * vg.Length(1) // points, on all four sides
)

// Figure is a finished picture. It is immutable and safe for concurrent use.
type Figure struct {
	title  []styledLine
	height vg.Length         // of what stands below the title
	draw   func(draw.Canvas) // draws it
}

// PNG returns the picture as a PNG file of 200 dots per inch.
func (f *Figure) PNG() ([]byte, error) { return f.png(dpi) }

func (f *Figure) png(dpi int) ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(width, f.fullHeight()), vgimg.UseDPI(dpi))
	f.render(draw.New(canvas))
	var b bytes.Buffer
	if err := png.Encode(&b, indexed(canvas.Image())); err != nil {
		return nil, fmt.Errorf("figure: encode PNG: %w", err)
	}
	return b.Bytes(), nil
}

// SVG returns the picture as an SVG file whose text stays text.
func (f *Figure) SVG() ([]byte, error) {
	canvas := vgsvg.NewWith(vgsvg.UseWH(width, f.fullHeight()), vgsvg.EmbedFonts(false))
	f.render(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("figure: encode SVG: %w", err)
	}
	// Readers without Liberation Sans would otherwise see the browser's serif font.
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// WritePNG writes [Figure.PNG] to a file, replacing it as a whole.
func (f *Figure) WritePNG(path string) error {
	content, err := f.PNG()
	if err != nil {
		return err
	}
	return write(path, content)
}

// WriteSVG writes [Figure.SVG] to a file, replacing it as a whole.
func (f *Figure) WriteSVG(path string) error {
	content, err := f.SVG()
	if err != nil {
		return err
	}
	return write(path, content)
}

func write(path string, content []byte) error {
	if err := atomicfile.WriteBytes(path, content); err != nil {
		return fmt.Errorf("figure: write %s: %w", path, err)
	}
	return nil
}

func (f *Figure) render(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin, -margin)
	for _, line := range f.title {
		c.FillText(line.style, vg.Point{X: c.Min.X, Y: c.Max.Y}, line.text)
		c.Max.Y -= lineHeight(line.style)
	}
	c.Max.Y -= titleGap
	f.draw(c)
}

const titleGap = 5 * vg.Length(1)

func (f *Figure) fullHeight() vg.Length {
	h := 2*margin + titleGap + f.height
	for _, line := range f.title {
		h += lineHeight(line.style)
	}
	return h
}

type styledLine struct {
	style text.Style
	text  string
}

// maxTitleLines keeps a text that was passed by mistake from becoming a picture of its own.
const maxTitleLines = 6

// titleLines breaks a title at its line breaks and at the width of the picture.
func titleLines(title string) []styledLine {
	if title == "" {
		return nil
	}
	var lines []styledLine
	for i, paragraph := range strings.Split(title, "\n") {
		style := titleStyle
		if i > 0 {
			style = subtitleStyle
		}
		for _, line := range wrap(style, paragraph, width-2*margin) {
			if len(lines) == maxTitleLines {
				last := &lines[maxTitleLines-1]
				last.text = cut(last.style, last.text+" "+line, width-2*margin)
				return lines
			}
			lines = append(lines, styledLine{style, line})
		}
	}
	return lines
}
