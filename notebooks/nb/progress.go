package nb

import (
	"fmt"
	"html"
	"os"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// Bar is a progress bar that moves while a cell runs and leaves one line, without times, in the saved notebook. Outside of
// a notebook it prints a line to standard error for every tenth. It is not safe for concurrent use.
type Bar struct {
	name         string
	id           string // of the display
	total, drawn int    // drawn is the number of tenths printed so far
	start, last  time.Time
	finished     bool
}

// redraw is the shortest time between two pictures of a bar.
const redraw = 200 * time.Millisecond

// NewBar starts a bar for work of a number of steps.
func NewBar(name string, total int) *Bar {
	return &Bar{name: name, id: gonbui.UniqueId(), total: total, start: time.Now()}
}

// Step says how many steps are done. It is what functions of this module with a progress hook call.
func (b *Bar) Step(done int) { b.step(done, "") }

// step adds a note on the state of the work, which is shown only as long as it goes on.
func (b *Bar) step(done int, note string) {
	now := time.Now()
	if b.finished || done < b.total && now.Sub(b.last) < redraw {
		return
	}
	b.last = now
	b.finished = done >= b.total
	if !gonbui.IsNotebook {
		if tenth := 10 * done / max(b.total, 1); tenth > b.drawn {
			b.drawn = tenth
			fmt.Fprintln(os.Stderr, b.line(done))
		}
		return
	}
	if b.finished {
		gonbui.UpdateHTML(b.id, html.EscapeString(b.line(done)))
		gonbui.Sync()
		return
	}
	gonbui.UpdateHTML(b.id, fmt.Sprintf(`<progress value="%d" max="%d"></progress> %s %s`,
		done, b.total, html.EscapeString(b.line(done)+note), left(now.Sub(b.start), done, b.total)))
}

func (b *Bar) line(done int) string {
	if b.finished {
		return b.name + ": done"
	}
	return fmt.Sprintf("%s: %d %%", b.name, 100*done/max(b.total, 1))
}

// left estimates the remaining time, once there is something to estimate it from.
func left(elapsed time.Duration, done, total int) string {
	if elapsed < time.Second || done <= 0 {
		return ""
	}
	rest := time.Duration(float64(elapsed) * float64(total-done) / float64(done)).Round(time.Second)
	return fmt.Sprintf("(%v left)", rest)
}

// Progress shows how an experiment goes on, in a bar: for [experiment.Options].
func Progress(name string) func(experiment.Progress) {
	var bar *Bar
	return func(p experiment.Progress) {
		if p.Total == 0 {
			return // still loading
		}
		if bar == nil {
			bar = NewBar(name, p.Total)
		}
		note := fmt.Sprintf(", %s", p.Phase)
		if p.Phase == experiment.Train {
			note = fmt.Sprintf(", epoch %d, micro-step %d of %d, loss %.3f", p.Epoch, p.Step, p.Steps, p.Loss)
		}
		bar.step(p.Done, note)
	}
}
