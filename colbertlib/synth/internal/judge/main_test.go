package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// TestTheReportHoldsEveryFigure runs the tool with a made-up file in the place of the real one.
func TestTheReportHoldsEveryFigure(t *testing.T) {
	var ads strings.Builder
	for range 9 {
		ads.WriteString(`{"title": "Nurse", "body": "Zzyzx care.", "category_id": 6867}` + "\n")
	}
	file := t.TempDir() + "/ads.jsonl"
	if err := os.WriteFile(file, []byte(ads.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(&out, file); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BM25, validate: hits@1 0.", "fitted to train, real: hits@1", "synthetic or real, 9-fold: 1.000 right", "train     900 "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(strings.ToLower(out.String()), "zzyzx") {
		t.Error("the report holds text of the advertisements")
	}
}
