package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// MicroStep is the loss of one micro-batch and the epoch that it belongs to.
type MicroStep struct {
	Epoch int
	Loss  float64
}

// Update is one application of the optimizer: the micro-step that completed it, counted from 1, and its gradient norm.
type Update struct {
	MicroStep int
	GradNorm  float64
}

// maxMarkedUpdates is the number of updates beyond which their lines would run into each other; they are left out then.
const maxMarkedUpdates = 60

// LossByMicroStep draws the loss of every micro-batch above the gradient norm of every update, on a common axis whose
// first micro-step is 1. Epochs alternate in shade, up to 60 updates are marked by vertical lines, and a centred moving
// mean lies over the faint single values where there are more than 30 of them.
//
// It returns an error for no micro-steps, no updates, non-finite values, epochs that descend, and updates that do not
// ascend or lie outside the micro-steps.
func LossByMicroStep(title string, steps []MicroStep, updates []Update) (*Figure, error) {
	if err := checkMicroSteps(steps, updates); err != nil {
		return nil, fmt.Errorf("figure: loss by micro-step: %w", err)
	}
	run := microSteps{slices.Clone(steps), slices.Clone(updates)}
	return &Figure{titleLines(title), plotHeight, run.draw}, nil
}

type microSteps struct {
	steps   []MicroStep
	updates []Update
}

func (r microSteps) draw(c draw.Canvas) {
	loss, norm := curve{colour: 0}, curve{colour: 1}
	for i, s := range r.steps {
		loss.add(i+1, s.Loss)
	}
	for _, u := range r.updates {
		norm.add(u.MicroStep, u.GradNorm)
	}
	upper := newPanel("Loss", loss.note("micro-batch", "micro-batches"))
	lower := newPanel("Gradient norm", norm.note("update", "updates"))
	for _, p := range []*plot.Plot{upper, lower} {
		p.X.Min, p.X.Max = 0.5, float64(len(r.steps))+0.5
		p.X.Tick.Marker = wholeTicks(10)
		p.Add(annotation(r.drawEpochs))
	}
	upper.Add(r.updateLines(lineHeight(labelStyle))) // the names of the epochs stand above them
	lower.Add(r.updateLines(0))
	upper.X.Tick.Marker = plot.ConstantTicks(nil)
	upper.Add(annotation(r.nameEpochs))
	lower.X.Label.Text = fmt.Sprintf("micro-step (number of updates: %d)", len(r.updates))
	if len(r.updates) <= maxMarkedUpdates {
		lower.X.Label.Text = fmt.Sprintf("micro-step (vertical lines: updates, %d in all)", len(r.updates))
	}
	upper.Y.Max = loss.top(0.12) // room for the names of the epochs
	loss.plot(upper, 4)
	norm.plot(lower, 4)
	rows := plot.Align([][]*plot.Plot{{upper}, {lower}}, draw.Tiles{Rows: 2, Cols: 1, PadY: vg.Points(4)}, c)
	upper.Draw(rows[0][0])
	lower.Draw(rows[1][0])
}

// epochSpan is the micro-steps of one epoch, from 1.
type epochSpan struct{ epoch, first, last int }

func (r microSteps) epochs() []epochSpan {
	var spans []epochSpan
	for i, s := range r.steps {
		if i == 0 || s.Epoch != r.steps[i-1].Epoch {
			spans = append(spans, epochSpan{s.Epoch, i + 1, i})
		}
		spans[len(spans)-1].last++
	}
	return spans
}

// drawEpochs shades every other epoch.
func (r microSteps) drawEpochs(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for i, span := range r.epochs() {
		if i%2 == 1 {
			c.SetColor(shade)
			c.Fill(vg.Rectangle{
				Min: vg.Point{X: x(float64(span.first) - 0.5), Y: c.Min.Y},
				Max: vg.Point{X: x(float64(span.last) + 0.5), Y: c.Max.Y},
			}.Path())
		}
	}
}

// nameEpochs writes the number of every epoch that is wide enough to carry it, at the top.
func (r microSteps) nameEpochs(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, span := range r.epochs() {
		left, right := x(float64(span.first)-0.5)+vg.Points(2), x(float64(span.last)+0.5)
		for _, name := range []string{fmt.Sprintf("epoch %d", span.epoch), fmt.Sprint(span.epoch)} {
			if labelStyle.Width(name) < right-left {
				c.FillText(labelStyle, vg.Point{X: left, Y: c.Max.Y}, name)
				break
			}
		}
	}
}

// updateLines marks every update by a line that ends below the upper edge.
func (r microSteps) updateLines(below vg.Length) annotation {
	return func(c draw.Canvas, p *plot.Plot) {
		if len(r.updates) > maxMarkedUpdates {
			return
		}
		x, _ := p.Transforms(&c)
		for _, u := range r.updates {
			at := x(float64(u.MicroStep))
			c.StrokeLine2(draw.LineStyle{Color: lightGrey, Width: vg.Points(0.5)}, at, c.Min.Y, at, c.Max.Y-below)
		}
	}
}

func checkMicroSteps(steps []MicroStep, updates []Update) error {
	if len(steps) == 0 || len(updates) == 0 {
		return fmt.Errorf("%d micro-steps and %d updates, want at least one of each", len(steps), len(updates))
	}
	for i, s := range steps {
		if !finite(s.Loss) {
			return fmt.Errorf("loss of micro-step %d is %v, want a finite number", i+1, s.Loss)
		}
		if i > 0 && s.Epoch < steps[i-1].Epoch {
			return fmt.Errorf("micro-step %d: epoch %d follows epoch %d", i+1, s.Epoch, steps[i-1].Epoch)
		}
	}
	for i, u := range updates {
		if !finite(u.GradNorm) {
			return fmt.Errorf("gradient norm of update %d is %v, want a finite number", i+1, u.GradNorm)
		}
		if u.MicroStep < 1 || u.MicroStep > len(steps) || i > 0 && u.MicroStep <= updates[i-1].MicroStep {
			return fmt.Errorf("update %d is at micro-step %d, want ascending numbers from 1 to %d", i+1, u.MicroStep, len(steps))
		}
	}
	return nil
}

const maxStep = 1_000_000_000_000

// StepLoss is the loss after a number of optimizer steps.
type StepLoss struct {
	Step int
	Loss float64
}

// LossByStep draws training losses and, if there are any, held-out losses by optimizer step, as in pre-training, each
// named with its last value at the end of its line. Where there are more than 30 values the line is their centred moving
// mean, over the faint single values.
//
// It returns an error for no training losses, non-finite values and steps that do not ascend.
func LossByStep(title string, training, heldOut []StepLoss) (*Figure, error) {
	if len(training) == 0 {
		return nil, fmt.Errorf("figure: loss by step: no training losses")
	}
	curves := []curve{{colour: 0, name: "training"}, {colour: 1, name: "held out"}}
	for i, points := range [][]StepLoss{training, heldOut} {
		for k, s := range points {
			if !finite(s.Loss) {
				return nil, fmt.Errorf("figure: loss by step: %s loss at step %d is %v, want a finite number",
					curves[i].name, s.Step, s.Loss)
			}
			if s.Step < 0 || s.Step > maxStep || k > 0 && s.Step <= points[k-1].Step {
				return nil, fmt.Errorf("figure: loss by step: %s step %d, want ascending numbers from 0 to %d",
					curves[i].name, s.Step, maxStep)
			}
			curves[i].add(s.Step, s.Loss)
		}
	}
	curves = slices.DeleteFunc(curves, func(v curve) bool { return len(v.x) == 0 })
	return &Figure{titleLines(title), plotHeight, func(c draw.Canvas) { drawCurves(c, curves) }}, nil
}

func drawCurves(c draw.Canvas, curves []curve) {
	p := newPanel("Loss", curves[0].note("step", "steps"))
	p.X.Label.Text = "step"
	p.X.Min = 0
	p.X.Tick.Marker = wholeTicks(8)
	ends := make([]endLabel, len(curves))
	for i, v := range curves {
		v.plot(p, 6)
		ends[i] = v.end()
	}
	c.Max.X -= endLabelsWidth(ends)
	p.Add(annotation(func(c draw.Canvas, p *plot.Plot) { drawEndLabels(c, p, ends) }))
	p.Draw(c)
}
