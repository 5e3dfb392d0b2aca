package pretrain_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/pretrain"
)

func TestReadRecipe(t *testing.T) {
	content, err := os.ReadFile("../../data/starter/recipe.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := pretrain.ReadRecipe(content, "recipe.yaml")
	if err != nil || r.Vocabulary.Size != 8000 || r.Encoder.HiddenSize != 128 || r.Train.LearningRate != 0.001 || r.Every != 100 {
		t.Errorf("read %+v, %v", r, err)
	}
	for _, test := range []struct{ old, replacement, want string }{
		{"batch_size: 16", "batch_size: 1.5", "train.batch_size is 1.5, want a whole number"},
		{"batch_size: 16", "batchsize: 16", "unknown key train.batchsize; the nearest is train.batch_size"},
		{"learning_rate: 0.001", "learning_rate: fast", "train.learning_rate is fast, want a number"},
		{"size: 8000", "size: 0", "numbers from 1"},
		{"every: 100", "every: ", "every is empty"},
	} {
		changed := strings.Replace(string(content), test.old, test.replacement, 1)
		if changed == string(content) {
			t.Fatalf("%q is not in the recipe", test.old)
		}
		if _, err := pretrain.ReadRecipe([]byte(changed), "recipe.yaml"); err == nil || !strings.Contains(err.Error(), "recipe.yaml:") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.replacement, err, test.want)
		}
	}
}
