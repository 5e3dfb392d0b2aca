package strictyaml

import (
	"strings"
	"testing"
)

type file struct {
	Name  string `yaml:"name"`
	Train struct {
		Epochs int     `yaml:"epochs"`
		Rate   float64 `yaml:"rate"`
	} `yaml:"train"`
	Metrics []string `yaml:"metrics"`
}

func TestReadKeepsWhatTheFileLeavesOut(t *testing.T) {
	f := file{Name: "default"}
	if err := Read([]byte("train: {epochs: 2, rate: 1e-3}\n"), "f.yaml", &f); err != nil {
		t.Fatal(err)
	}
	if f.Name != "default" || f.Train.Epochs != 2 || f.Train.Rate != 1e-3 {
		t.Errorf("read %+v", f)
	}
}

func TestReadRefuses(t *testing.T) {
	for content, want := range map[string]string{
		"name: x\ntrain: {epoch: 2}":    "f.yaml:2: unknown key train.epoch; the nearest is train.epochs",
		"name: x\ntrain: {epochs: 1.5}": "f.yaml:2: train.epochs is 1.5, want a whole number",
		"metrics: hits":                 "f.yaml:1: metrics is hits, want a list",
		"name: 7":                       "want text",
		"":                              "f.yaml: want one YAML document",
	} {
		if err := Read([]byte(content), "f.yaml", &file{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestSet(t *testing.T) {
	var f file
	if err := Set(&f, "train.epochs", "3"); err != nil || f.Train.Epochs != 3 {
		t.Errorf("%+v, %v", f, err)
	}
	if err := Set(&f, "name", "1: x"); err != nil || f.Name != "1: x" { // text stands as it is
		t.Errorf("%+v, %v", f, err)
	}
	if err := Set(&f, "train.epochs", "1.5"); err == nil || err.Error() != "train.epochs is 1.5, want a whole number" {
		t.Errorf("got %v", err)
	}
	if err := Set(&f, "train.epoch", "1"); err == nil || !strings.Contains(err.Error(), "the nearest is train.epochs") {
		t.Errorf("got %v", err)
	}
}
