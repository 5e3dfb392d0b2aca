package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two recipes, each trained in a process of its own, then everything again from the folder.
func TestCompareAndReport(t *testing.T) {
	workplace(t)
	var got comparisonJSON
	args := []string{"compare", "my/recipe.yaml", "--grid", "train.lr=1e-4,5e-3", "--seeds", "1", "--json"}
	if err := json.Unmarshal([]byte(must(t, "", args...)), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 12 || got.Rows[10].Row != "ColBERT tiny,learning_rate=5e-3" || got.Rows[10].CalibrationError == nil || len(got.Rows[11].Weights) != 1 || got.Seeds != 1 {
		t.Fatalf("%+v", got)
	}
	for _, metric := range []string{"hits@1", "macro_hits@1", "ndcg@10", "macro_f1"} {
		if value, ok := got.Rows[10].Metrics[metric]; !ok || value < 0.5 || value > 1 {
			t.Errorf("%s is %v, %v", metric, value, ok)
		}
	}
	table := filepath.Join(got.Dir, "table.md")
	want, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	if status, stdout, stderr := jobtagger(t, "", args[:len(args)-1]...); status != fine || !strings.HasPrefix(stdout, string(want)) || strings.Contains(stderr, "training") {
		t.Errorf("again: status %d\n%s\n%s", status, stdout, stderr)
	}
	if err := os.Remove(table); err != nil {
		t.Fatal(err)
	}
	if stdout := must(t, "", "report"); !strings.Contains(stdout, filepath.ToSlash(got.Dir)) || !strings.Contains(stdout, "results/README.md") {
		t.Errorf("report prints\n%s", stdout)
	}
	if again, err := os.ReadFile(table); err != nil || string(again) != string(want) {
		t.Errorf("%v: made anew, the table is\n%s", err, again)
	}
	readme, err := os.ReadFile("results/README.md")
	if err != nil || !strings.Contains(string(readme), "# Comparison") {
		t.Errorf("%v: the page of results lacks the comparison:\n%s", err, readme)
	}
}

func TestCompareRefuses(t *testing.T) {
	workplace(t)
	for want, args := range map[string][]string{
		"there is no experiment \"statrer\"":    {"statrer"},
		"the nearest is train.learning_rate":    {"my/recipe.yaml", "--grid", "train.leaning_rate=1,2"},
		"0 seeds, want a number from 1":         {"my/recipe.yaml", "--seeds", "0"},
		"the labels of ads.jsonl are missing":   {"my/recipe.yaml", "--ads", "ads.jsonl"},
		"there are 2 labels; without one":       {"my/recipe.yaml", "--leave-one-label-out"},
		"700 advertisements is asked for, but ": {"my/recipe.yaml", "--sizes", "700"},
		"unknown flag: --resume":                {"my/recipe.yaml", "--resume", "nowhere"},
	} {
		status, _, stderr := jobtagger(t, "", append([]string{"compare"}, args...)...)
		if status != usage && status != failure || !strings.Contains(stderr, want) {
			t.Errorf("compare %q: status %d, want %q in\n%s", args, status, want, stderr)
		}
	}
}
