package experiment

import (
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
}
