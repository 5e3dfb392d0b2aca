package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far a long job is: as a bar with rate and time left on a terminal, elsewhere as a line for each tenth of the work
// and each new stage.
type progress struct {
	out   io.Writer
	unit  string
	start time.Time
	bar   *progressbar.ProgressBar // nil where there is no terminal
	drawn time.Time
	stage string
	tenth int
}

func newProgress(out io.Writer, unit string) *progress {
	p := &progress{out: out, unit: unit, start: time.Now(), tenth: -1}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.bar = newBar(out, unit, 1)
	}
	return p
}

func newBar(out io.Writer, unit string, total int) *progressbar.ProgressBar {
	bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionShowIts(), progressbar.OptionSetItsString(unit),
		progressbar.OptionSetPredictTime(true), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish())
	bar.StartWithoutRender() // or the rate would count from the first drawing
	return bar
}

// show reports that done of total units are done. stage names what is going on; detail may change with every call.
func (p *progress) show(done, total int, stage, detail string) {
	if p.bar != nil {
		if stage != p.stage || time.Since(p.drawn) > redraw {
			p.stage, p.drawn = stage, time.Now()
			p.draw(done, total, stage+detail)
		}
		return
	}
	tenth := -1
	if total > 0 {
		tenth = 10 * done / total
	}
	if stage == p.stage && (tenth == p.tenth || detail == "") {
		return
	}
	p.stage, p.tenth = stage, tenth
	left := ""
	if done > 0 && done < total {
		elapsed := time.Since(p.start)
		left = fmt.Sprintf(", %.1f %s/s, %s left", float64(done)/elapsed.Seconds(), p.unit, (elapsed * time.Duration(total-done) / time.Duration(done)).Round(time.Second))
	}
	fmt.Fprintf(p.out, "%s%s%s\n", stage, detail, left)
}

// redraw is the time between two drawings of the bar. The bar's own throttle would draw a new text with an old count.
const redraw = 100 * time.Millisecond

func (p *progress) draw(done, total int, text string) {
	if total > 0 {
		p.bar.ChangeMax(total + 1) // a bar that is full would be closed before the job is
	}
	p.bar.Describe(text)
	_ = p.bar.Set(done) // the only error is one of writing to the terminal, which is nothing to end a training for
}

// close takes the bar away.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish() // as in draw
	}
}

// experiment shows the progress of a run.
func (p *progress) experiment(at experiment.Progress) {
	stage, detail := "", ""
	switch at.Phase {
	case experiment.Load:
		stage = "loading data and model"
	case experiment.Evaluate:
		stage = "evaluating the untrained model"
		if at.Epoch >= 0 {
			stage = fmt.Sprintf("evaluating after epoch %d", at.Epoch)
		}
	case experiment.Compile:
		if p.bar == nil {
			return // a line for each length would be many
		}
		stage = fmt.Sprintf("training, epoch %d: compiling for texts of another length", at.Epoch)
	case experiment.Train:
		stage = fmt.Sprintf("training, epoch %d", at.Epoch)
		detail = fmt.Sprintf(": micro-step %d of %d, loss %.3f", at.Step, at.Steps, at.Loss)
	case experiment.Write:
		stage = "writing plots and model"
	}
	p.show(at.Done, at.Total, stage, detail)
}

// shortJob is how long nobody wonders what is going on.
const shortJob = 2 * time.Second

// texts returns a callback that shows how many of total texts are done, once that takes a while.
func (p *progress) texts(stage string, total int) func(done int) {
	return func(done int) {
		if time.Since(p.start) > shortJob {
			p.show(done, total, stage, fmt.Sprintf(": %d of %d", done, total))
		}
	}
}

// megabyte is the unit in which downloads are shown; files that have none are fetched silently.
const megabyte = 1 << 20

// fetching returns a callback that shows how a download goes on, file by file, and a function that takes the last bar away.
func (a *app) fetching() (report experiment.Fetching, end func()) {
	var bar *progress
	file := ""
	end = func() {
		if bar != nil {
			bar.close()
		}
	}
	report = func(name string, done, total int64) {
		if total < megabyte {
			return
		}
		if name != file {
			end()
			bar, file = newProgress(a.stderr, "MB"), name
		}
		bar.show(int(done/megabyte), int(total/megabyte), "fetching "+name, fmt.Sprintf(": %d of %d MB", done/megabyte, total/megabyte))
	}
	return report, end
}

// count returns a callback that shows how many were done where nobody knows how many there are.
func (p *progress) count(stage string) func(done int) {
	if p.bar != nil {
		p.bar = newBar(p.out, p.unit, -1)
	}
	return func(done int) {
		switch {
		case time.Since(p.start) < shortJob || time.Since(p.drawn) < redraw:
		case p.bar != nil:
			p.drawn = time.Now()
			p.draw(done, 0, stage)
		case done%10_000 == 0:
			fmt.Fprintf(p.out, "%s: %d\n", stage, done)
		}
	}
}
