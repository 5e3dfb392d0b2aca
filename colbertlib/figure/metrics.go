package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Untrained is the epoch of a score measured before any training. It stands first on the axis, with a hollow marker.
const Untrained = -1

// Score is one value with its interval; Low = High = Value draws no band.
type Score struct {
	Epoch            int // Untrained, 0, 1, ...: after which epoch
	Value, Low, High float64
}

// Series is a named line of scores in ascending order of epochs. Equal names have equal colours in all panels.
type Series struct {
	Name   string
	Scores []Score
}

// Reference is a value to compare with: a published result, chance. It is a horizontal broken line with its name and value
// on it. Equal names have equal patterns in all panels.
type Reference struct {
	Name  string
	Value float64
}

// Panel is one metric: its heading, one or more series and any references.
type Panel struct {
	Heading    string
	Series     []Series
	References []Reference
}

// Limits of [MetricsByEpoch] beyond which the picture could no longer be read.
const (
	maxPanels = 4
	maxSeries = len(palette)
	maxEpoch  = 1_000_000
	maxName   = 125 * vg.Length(1) // width of a name in points; longer ones are cut
)

// MetricsByEpoch draws scores by epoch, one to four panels side by side with a common vertical axis. With one panel the
// series are named at the end of their lines, with more in a row above them (no name is shown if all series share one).
//
// It returns an error for empty or non-finite input, epochs that do not ascend, a value outside its interval, and more
// panels or series than can be told apart.
func MetricsByEpoch(title string, panels []Panel) (*Figure, error) {
	if err := checkPanels(panels); err != nil {
		return nil, fmt.Errorf("figure: metrics by epoch: %w", err)
	}
	m := newMetrics(panels)
	return &Figure{titleLines(title), plotHeight, m.draw}, nil
}

// LearningCurve draws one metric by the number of advertisements that were trained on, which stands in the place of epochs: a line for each
// method, named at its end, and references for methods that learn nothing. It refuses what [MetricsByEpoch] refuses.
func LearningCurve(title string, panel Panel) (*Figure, error) {
	if err := checkPanels([]Panel{panel}); err != nil {
		return nil, fmt.Errorf("figure: learning curve: %w", err)
	}
	m := newMetrics([]Panel{panel})
	m.across = "advertisements to train on"
	return &Figure{titleLines(title), plotHeight, m.draw}, nil
}

// metrics is what the panels share.
type metrics struct {
	panels      []Panel
	across      string   // name of the horizontal axis
	names       []string // of the series, in order of first appearance
	references  []string // likewise
	first, last int      // epochs
	low, high   float64  // scores
	ticks       plot.ConstantTicks
}

func newMetrics(panels []Panel) *metrics {
	m := &metrics{panels: slices.Clone(panels), across: "after epoch", low: math.Inf(1), high: math.Inf(-1), first: math.MaxInt, last: math.MinInt}
	for i := range m.panels {
		p := &m.panels[i]
		p.Series, p.References = slices.Clone(p.Series), slices.Clone(p.References)
		for k := range p.Series {
			s := &p.Series[k]
			s.Name, s.Scores = cut(labelStyle, s.Name, maxName), slices.Clone(s.Scores)
			m.names = appendNew(m.names, s.Name)
			for _, v := range s.Scores {
				m.low, m.high = min(m.low, v.Low), max(m.high, v.High)
				m.first, m.last = min(m.first, v.Epoch), max(m.last, v.Epoch)
			}
		}
		for k := range p.References {
			r := &p.References[k]
			r.Name = cut(labelStyle, r.Name, maxName)
			m.references = appendNew(m.references, r.Name)
			m.low, m.high = min(m.low, r.Value), max(m.high, r.Value)
		}
	}
	top := m.high
	m.low, m.high = niceRange(m.low, m.high, scoreTicks)
	m.ticks = niceTicks(scoreTicks).Ticks(m.low, m.high)
	if headroom := 0.08 * (m.high - m.low); top > m.high-headroom {
		m.high += headroom // for the label of a line that ends at the top
	}
	return m
}

const scoreTicks = 6 // at most so many intervals on the vertical axis

func appendNew(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

func (m *metrics) colourOf(name string) int { return slices.Index(m.names, name) }

func (m *metrics) draw(c draw.Canvas) {
	if len(m.names) > 1 && len(m.panels) > 1 {
		c = drawKey(c, m.names)
	}
	if len(m.panels) == 1 {
		c.Max.X -= endLabelsWidth(m.endLabels())
	}
	const tickLabels = 25 // points
	tiles := draw.Tiles{Rows: 1, Cols: len(m.panels), PadX: vg.Points(6)}
	room := (c.Max.X-c.Min.X-tickLabels)/vg.Length(len(m.panels)) - tiles.PadX
	row := make([]*plot.Plot, len(m.panels))
	for i, panel := range m.panels {
		row[i] = m.plot(panel, float64(room)/float64(m.last-m.first+1))
		if i > 0 {
			row[i].Y.Tick.Marker = blankTicks{row[i].Y.Tick.Marker}
		}
	}
	for i, canvas := range plot.Align([][]*plot.Plot{row}, tiles, c)[0] {
		row[i].Draw(canvas)
	}
}

// plot prepares one panel, in which neighbouring epochs are perEpoch points apart.
func (m *metrics) plot(panel Panel, perEpoch float64) *plot.Plot {
	p := newPanel(panel.Heading, "")
	pad := 8 / perEpoch
	p.X.Min, p.X.Max = float64(m.first)-pad, float64(m.last)+pad
	p.Y.Min, p.Y.Max = m.low, m.high
	p.X.Label.Text = m.across
	p.Y.Tick.Marker = m.ticks
	p.X.Tick.Marker = epochTicks{perEpoch}
	p.Add(annotation(func(c draw.Canvas, p *plot.Plot) { m.drawData(c, p, panel) }))
	return p
}

const untrainedLabel = "untrained"

// epochTicks numbers the epochs, as densely as perEpoch points between neighbours allow, and names the untrained state.
type epochTicks struct{ perEpoch float64 }

// Ticks implements [plot.Ticker].
func (e epochTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	next := low
	digits := labelStyle.Width(formatNumber(high, 0))
	if low < Untrained && Untrained < high {
		ticks = append(ticks, plot.Tick{Value: Untrained, Label: untrainedLabel})
		next = Untrained + float64((labelStyle.Width(untrainedLabel)+digits)/2+vg.Points(3))/e.perEpoch
	}
	step := wholeStep(niceStep(float64(digits+vg.Points(6))/e.perEpoch, 1))
	for epoch := max(0, math.Ceil(low/step)*step); epoch <= high; epoch += step {
		tick := plot.Tick{Value: epoch}
		if epoch >= next {
			tick.Label = formatNumber(epoch, 0)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

func checkPanels(panels []Panel) error {
	if len(panels) < 1 || len(panels) > maxPanels {
		return fmt.Errorf("%d panels, want 1 to %d", len(panels), maxPanels)
	}
	names := map[string]bool{}
	for _, panel := range panels {
		if len(panel.Series) == 0 {
			return fmt.Errorf("panel %q has no series", panel.Heading)
		}
		for _, s := range panel.Series {
			names[s.Name] = true
			if err := checkScores(s.Scores); err != nil {
				return fmt.Errorf("panel %q, series %q: %w", panel.Heading, s.Name, err)
			}
		}
		for _, r := range panel.References {
			if !finite(r.Value) {
				return fmt.Errorf("panel %q, reference %q is %v, want a finite number", panel.Heading, r.Name, r.Value)
			}
		}
	}
	if len(names) > maxSeries {
		return fmt.Errorf("%d series names, want at most %d, the number of colours", len(names), maxSeries)
	}
	return nil
}

func checkScores(scores []Score) error {
	if len(scores) == 0 {
		return fmt.Errorf("no scores")
	}
	for i, s := range scores {
		switch {
		case !finite(s.Value, s.Low, s.High):
			return fmt.Errorf("epoch %d: %v [%v, %v], want finite numbers", s.Epoch, s.Value, s.Low, s.High)
		case s.Value < s.Low || s.Value > s.High:
			return fmt.Errorf("epoch %d: value %v lies outside its interval [%v, %v]", s.Epoch, s.Value, s.Low, s.High)
		case s.Epoch < Untrained || s.Epoch > maxEpoch:
			return fmt.Errorf("epoch %d, want %d (untrained) to %d", s.Epoch, Untrained, maxEpoch)
		case i > 0 && s.Epoch <= scores[i-1].Epoch:
			return fmt.Errorf("epoch %d follows epoch %d, want ascending epochs", s.Epoch, scores[i-1].Epoch)
		}
	}
	return nil
}

// finite reports whether all values can be placed on an axis; beyond 1e12 tick labels could not be told apart.
func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.Abs(v) > 1e12 {
			return false
		}
	}
	return true
}
