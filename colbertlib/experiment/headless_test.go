package experiment

import (
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
)

// With model.head=0 the encoder's hidden states are the embeddings, put to the model and scored as the recipe says, also after loading.
func TestHeadless(t *testing.T) {
	recipe := tinyRecipe(t, "model.head=0", "train.epochs=1", "model.query.prefix=ad: ")
	run := execute(t, recipe, t.TempDir())
	model, err := colbertlib.Load(run.ModelDir(), &colbertlib.Options{Backend: "go"})
	if err != nil {
		t.Fatal(err)
	}
	defer model.Close()
	core := model.Core()
	if core.HasHead() || model.Dim() != 32 || core.Query.Prefix != "ad: " || core.Similarity != recipe.Model.Similarity || len(model.Warnings()) > 0 {
		t.Errorf("head %v, %d dimensions, query %+v, similarity %s, warnings %q", core.HasHead(), model.Dim(), core.Query, core.Similarity, model.Warnings())
	}
	again := execute(t, tinyRecipe(t, "model.base="+run.ModelDir(), "train.epochs=1"), t.TempDir()) // of a recipe that asks for a head of 16, and no prefix
	if m := again.Recipe.Model; m.Head != 0 || m.Query.Prefix != "ad: " || !slices.ContainsFunc(again.Inputs.Warnings, func(w string) bool { return strings.Contains(w, "keeps its head, or that it has none") }) {
		t.Errorf("trained further with %+v, warnings %q", m, again.Inputs.Warnings)
	}
}
