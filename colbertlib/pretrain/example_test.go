package pretrain_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/pretrain"
)

// An encoder from nothing but texts: vocabulary, first word embeddings, masked language modelling.
func Example() {
	recipe, err := pretrain.ReadRecipe([]byte(`
vocabulary: {size: 60, texts: 40, characters: ""}
encoder: {hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 32}
train: {steps: 20, batch_size: 4, length: 16, learning_rate: 0.01, warmup: 3, mask_probability: 0.15, seed: 1}
every: 10
`), "recipe.yaml")
	if err != nil {
		log.Fatal(err)
	}
	opened, err := backend.Open("go")
	if err != nil {
		log.Fatal(err)
	}
	defer opened.Finalize()
	texts := slices.Repeat([]string{"The driver drives the truck.", "The nurse nurses the sick."}, 100)
	model, err := recipe.Model(opened, slices.Values(texts))
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	ctx := context.Background()
	before, err := model.Loss(ctx, slices.Values(texts), recipe.Train, 4)
	if err != nil {
		log.Fatal(err)
	}
	if err := model.Fit(ctx, slices.Values(texts), recipe.Train, nil); err != nil {
		log.Fatal(err)
	}
	after, err := model.Loss(ctx, slices.Values(texts), recipe.Train, 4)
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "encoder")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fmt.Println(after < before, model.Save(dir+"/model", nil))
	// Output: true <nil>
}
