package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

func TestPlainProgressIsALineForEachTenthAndStage(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "passes")
	for step := range 100 {
		p.experiment(experiment.Progress{Phase: experiment.Compile, Epoch: step / 50}) // only a bar shows it
		p.experiment(experiment.Progress{Phase: experiment.Train, Epoch: step / 50, Step: step + 1, Steps: 100, Loss: 0.5, Done: step + 1, Total: 100})
	}
	p.close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 12 { // 0 to 10 tenths, one of them in two epochs
		t.Errorf("%d lines:\n%s", len(lines), out.String())
	}
	if !strings.HasPrefix(lines[0], "training, epoch 0: micro-step 1 of 100, loss 0.500, ") || !strings.HasSuffix(lines[0], " left") {
		t.Errorf("first line %q", lines[0])
	}
}

func TestBarShowsRateAndTimeLeft(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&bytes.Buffer{}, "ads")
	p.bar = newBar(&out, "ads", 1)
	p.show(0, 99, "tagging", "")
	time.Sleep(150 * time.Millisecond) // it is drawn ten times a second
	p.show(50, 99, "tagging", ": 50 of 99")
	p.close()
	if got := out.String(); !strings.Contains(got, "tagging: 50 of 99  50%") || !strings.Contains(got, "ads/s") {
		t.Errorf("the bar shows %q", got)
	}
}
