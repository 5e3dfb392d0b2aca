package figure

import (
	"fmt"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ReliabilityPanel is one set of probabilities: its heading and bins, as [calibrate.Reliability] makes them.
type ReliabilityPanel struct {
	Heading string
	Bins    []calibrate.Bin
}

// Reliability draws how often decisions are right in relation to how sure they are (reliability diagrams: Guo et al. 2017, figure 1), one to four
// panels side by side. A point is a bin, its bar the 95 % interval of its accuracy (Wilson 1927), and the columns at the
// foot show how the texts are distributed. Perfect calibration lies on the broken line, overconfidence below it. The
// expected calibration error stands in the panel.
func Reliability(title string, panels []ReliabilityPanel) (*Figure, error) {
	if len(panels) < 1 || len(panels) > maxPanels {
		return nil, fmt.Errorf("figure: reliability: %d panels, want 1 to %d", len(panels), maxPanels)
	}
	panels = slices.Clone(panels)
	for i, panel := range panels {
		if err := checkBins(panel.Bins); err != nil {
			return nil, fmt.Errorf("figure: reliability: panel %q: %w", panel.Heading, err)
		}
		panels[i].Bins = slices.Clone(panel.Bins)
	}
	return &Figure{titleLines(title), plotHeight, func(c draw.Canvas) { drawReliability(c, panels) }}, nil
}

func checkBins(bins []calibrate.Bin) error {
	n := 0
	for i, bin := range bins {
		for _, value := range []float64{bin.Low, bin.High, bin.Confidence, bin.Accuracy} {
			if !(value >= 0 && value <= 1) {
				return fmt.Errorf("bin %d has the value %v, want a share from 0 to 1", i, value)
			}
		}
		if bin.N < 0 || bin.Low > bin.High {
			return fmt.Errorf("bin %d holds %d texts from %v to %v", i, bin.N, bin.Low, bin.High)
		}
		n += bin.N
	}
	if n == 0 {
		return fmt.Errorf("there are no texts")
	}
	return nil
}

func drawReliability(c draw.Canvas, panels []ReliabilityPanel) {
	tiles := draw.Tiles{Rows: 1, Cols: max(2, len(panels)), PadX: vg.Points(14)} // one panel alone would be far from square
	row := make([]*plot.Plot, tiles.Cols)
	note := "share right; grey: texts"
	for i, panel := range panels {
		p := newPanel(panel.Heading, note)
		note = "" // holds for all
		p.X.Label.Text = "probability of the decision"
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
		p.X.Tick.Marker, p.Y.Tick.Marker = niceTicks(5), niceTicks(5)
		if i > 0 {
			p.Y.Tick.Marker = blankTicks{p.Y.Tick.Marker}
		}
		p.Add(annotation(panel.draw))
		row[i] = p
	}
	for i, canvas := range plot.Align([][]*plot.Plot{row}, tiles, c)[0] {
		if row[i] != nil {
			row[i].Draw(canvas)
		}
	}
}

// columnHeight is the height of the highest column at the foot, as a share of the panel.
const columnHeight = 0.2

func (r ReliabilityPanel) draw(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	most := 0
	for _, bin := range r.Bins {
		most = max(most, bin.N)
	}
	for _, bin := range r.Bins {
		top := columnHeight * float64(bin.N) / float64(most)
		c.FillPolygon(faint(grey, 0x38), []vg.Point{{X: x(bin.Low), Y: y(0)}, {X: x(bin.High), Y: y(0)}, {X: x(bin.High), Y: y(top)}, {X: x(bin.Low), Y: y(top)}})
	}
	c.StrokeLine2(referenceStyle(0), x(0), y(0), x(1), y(1))
	labels := &placer{area: c.Rectangle}
	labels.addLine([]vg.Point{{X: x(0), Y: y(0)}, {X: x(1), Y: y(1)}})
	bar := draw.LineStyle{Color: palette[0], Width: vg.Points(0.9)}
	for _, bin := range r.Bins {
		if bin.N > 0 {
			low, high := eval.Wilson(bin.Accuracy, bin.N)
			c.StrokeLine2(bar, x(bin.Confidence), y(low), x(bin.Confidence), y(high))
			drawMarker(c, 0, vg.Point{X: x(bin.Confidence), Y: y(bin.Accuracy)}, false)
			labels.add(vg.Rectangle{Min: vg.Point{X: x(bin.Confidence) - markerRadius, Y: y(low)}, Max: vg.Point{X: x(bin.Confidence) + markerRadius, Y: y(high)}}, lineWeight)
		}
	}
	text := cut(labelStyle, "calibration error "+shortValue(calibrate.ExpectedError(r.Bins)), x(0.98)-x(0.04))
	labels.draw(c, coloured(labelStyle, dark(palette[0])), text, []vg.Point{
		{X: x(0.04), Y: y(0.96) - labelStyle.Font.Size}, {X: x(0.98) - labelStyle.Width(text), Y: y(columnHeight + 0.02)},
	})
}
