package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// Every kind of folder can be written in both formats, and what is written gives the same scores here, to the bit: whatever the format cannot
// express stands in jobtagger.json. That the Python libraries agree is shown by modelio/testdata/roundtrip.
func TestConvertLosesNothing(t *testing.T) {
	checkpoints, err := filepath.Abs("../../colbertlib/internal/golden/testdata/checkpoints")
	if err != nil {
		t.Fatal(err)
	}
	workplace(t)
	scores := func(model string) string {
		return must(t, "", "debug", "score", "--model", model, "--queries", "q.jsonl", "--documents", "d.jsonl", "--json")
	}
	for _, kind := range []string{"neural-cherche", "stanford", "st6-nc-style", "st6-expansion-meanmaxsim", "pylate-1dense", "pylate-2dense", "pylate-noexp"} {
		original := filepath.Join(checkpoints, kind)
		want := scores(original)
		for _, target := range targets {
			folder := kind + "-" + string(target)
			stdout := must(t, "", "model", "convert", original, folder, "--to", string(target))
			if !strings.HasPrefix(stdout, "wrote "+folder+"; in Python:\n\n    from ") {
				t.Errorf("convert prints\n%s", stdout)
			}
			if got := scores(folder); got != want {
				t.Errorf("%s: scores %s, want those of the original, %s", folder, got, want)
			}
		}
	}
}

// A trained model keeps its card, its labels and where it comes from, and the user is told what the library will do otherwise.
func TestConvertKeepsCardAndLabels(t *testing.T) {
	workplace(t)
	model := trained(t)
	status, _, stderr := jobtagger(t, "", "model", "convert", model, "my/pylate", "--to", "pylate")
	if status != fine || !strings.Contains(stderr, "PyLate has no clip-zero") || !strings.Contains(stderr, `prompt_name="query"`) {
		t.Errorf("status %d, warnings\n%s", status, stderr)
	}
	read := func(name string) string {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	card := read("my/pylate/README.md")
	for _, want := range []string{"library_name: PyLate\n", "# tiny\n", "| epoch 1 ", "## Data\n", "## Recipe\n", "## Limits\n", "## Conversion\n"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lost %q:\n%s", want, card)
		}
	}
	if read("my/pylate/labels.json") != read(filepath.Join(model, "labels.json")) || !strings.Contains(read("my/pylate/jobtagger.json"), `"experiment": "tiny"`) {
		t.Error("labels or provenance are lost")
	}
	if stdout := must(t, "", "tag", "--model", "my/pylate", "ad.txt"); !strings.Contains(stdout, "Human Resources") {
		t.Errorf("the converted model tags\n%s", stdout)
	}
	must(t, "", "model", "convert", model, "my/pylate", "--to", "sentence-transformers") // replaces what convert wrote
}

func TestConvertJSON(t *testing.T) {
	plain, err := filepath.Abs("../../colbertlib/internal/golden/testdata/checkpoints/st6-nc-style")
	if err != nil {
		t.Fatal(err)
	}
	workplace(t)
	for model, warns := range map[string]bool{plain: false, "starter": true} { // sentence-transformers scores the starter otherwise
		var got converted
		if err := json.Unmarshal([]byte(must(t, "", "model", "convert", model, "new", "--to", "sentence-transformers", "--json")), &got); err != nil {
			t.Fatal(err)
		}
		if got.Model != model || got.Folder != "new" || got.Format != modelio.SentenceTransformers || got.Warnings == nil || len(got.Warnings) > 0 != warns {
			t.Errorf("%+v", got)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	workplace(t)
	write(t, "gpt/config.json", `{"model_type": "gpt2"}`)
	if err := os.CopyFS("pickled", os.DirFS("my/encoder")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("pickled/model.safetensors", "pickled/pytorch_model.bin"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"starter", usage, "accepts 2 arg"},
		{"starter out", usage, `--to is "", want sentence-transformers or pylate`},
		{"starter out --to onnx", usage, `--to is "onnx"`},
		{"starter my --to pylate", failure, "choose another folder"},
		{"starter ad.txt --to pylate", failure, "ad.txt"},
		{"nowhere out --to pylate", failure, "there is no such folder"},
		{"gpt out --to pylate", failure, "gpt2"},
		{"pickled out --to pylate", failure, "convert it in Python"},
		{"my/encoder out --to pylate", failure, "random projection head"},
	} {
		status, stdout, stderr := jobtagger(t, "", append([]string{"model", "convert"}, strings.Fields(test.args)...)...)
		if status != test.status || !strings.Contains(stderr, test.want) || stdout != "" {
			t.Errorf("model convert %s: status %d, want %d and %q in\n%s%s", test.args, status, test.status, test.want, stdout, stderr)
		}
	}
	if _, err := os.Stat("out"); err == nil {
		t.Error("a failed conversion left a folder")
	}
}
