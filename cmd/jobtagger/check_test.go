package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
)

const models = "../../colbertlib/internal/golden/testdata/models/"

func TestModelCheck(t *testing.T) {
	stdout := must(t, "", "model", "check", "starter", "starter-base", models+"gte-native-tiny", models+"bert-tiny-bare")
	stdout = strings.ReplaceAll(stdout, models, "")
	for _, want := range []string{
		"starter bert encoder only absent 1.3 M 1 128 2 512 8000",
		"gte-native-tiny gte supported tied 125.6 K 3 48 4 512 1216",
		"starter-base: supported: encoder and language model head are complete",
		"missing: cls.predictions.transform.dense.weight, cls.predictions.transform.dense.bias, cls.predictions.transform.LayerNorm.weight and 2 more",
		"unused: embeddings.position_ids, pooler.dense.bias, pooler.dense.weight",
	} {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

// One bad model does not stop the others, but shows in the exit status.
func TestModelCheckGoesOn(t *testing.T) {
	workplace(t)
	write(t, "gpt/config.json", `{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}`)
	status, stdout, stderr := jobtagger(t, "", "model", "check", "gpt", "no/where", "my/data", "my/encoder", "--json")
	if status != failure || stderr != "jobtagger: gpt is unsupported\nno/where is unsupported\nmy/data is unsupported\n" {
		t.Errorf("status %d, complaints %q", status, stderr)
	}
	type brief struct {
		Model, Family string
		MLM           string
		Verdict       string
		Parameters    int
	}
	var got []brief
	for line := range strings.Lines(stdout) {
		var b brief
		if err := json.Unmarshal([]byte(line), &b); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		got = append(got, b)
	}
	want := []brief{
		{"gpt", "gpt2", "absent", "unsupported", 0}, {"no/where", "", "absent", "unsupported", 0},
		{"my/data", "", "absent", "unsupported", 0}, {"my/encoder", "bert", "tied", "supported", 63056},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
	if strings.Contains(stdout, "null") {
		t.Errorf("lists should be empty, not null: %s", stdout)
	}
}

func TestModelCheckFill(t *testing.T) {
	workplace(t)
	var got checked
	if err := json.Unmarshal([]byte(must(t, "", "model", "check", "my/encoder", "--json", "--fill", "finance [MASK] and [MASK]")), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Fill) != 2 || len(got.Fill[0]) != 5 || got.Fill[1][0].Probability < got.Fill[1][1].Probability || got.Verdict != modelcheck.Supported {
		t.Errorf("got %+v", got)
	}
	if stdout := must(t, "", "model", "check", "my/encoder", "--fill", "[MASK]"); strings.Count(stdout, " %") != 5 || !strings.Contains(stdout, "\n  [MASK] 1: \"") {
		t.Errorf("got %s", stdout)
	}
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{usage, "has no [MASK]", []string{"my/encoder", "--fill", "nothing to guess"}},
		{usage, "requires at least 1 arg", nil},
		{failure, "starter cannot fill the text: there is no language model head", []string{"starter", "--fill", "[MASK]"}},
		{failure, "among its first 160 tokens", []string{"my/encoder", "--fill", strings.Repeat("a ", 200) + "[MASK]"}},
	} {
		status, _, stderr := jobtagger(t, "", append([]string{"model", "check"}, c.args...)...)
		if status != c.status || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, want %d and %q in %q", c.args, status, c.status, c.want, stderr)
		}
	}
}
