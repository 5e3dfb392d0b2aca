package encoder_test

import (
	"fmt"
	"log"

	"github.com/jobtagger/jobtagger/colbertlib/encoder"
)

func ExampleParseConfig() {
	config, err := encoder.ParseConfig([]byte(`{
		"model_type": "bert", "vocab_size": 100, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
		"intermediate_size": 16, "max_position_embeddings": 32, "type_vocab_size": 2, "hidden_act": "gelu"
	}`))
	if err != nil {
		log.Fatal(err)
	}
	words := config.Params()[0]
	fmt.Println(config.Family, words.Name, words.Shape)
	fmt.Println(config.CanonicalName("bert.embeddings.LayerNorm.gamma"))
	_, err = encoder.ParseConfig([]byte(`{"model_type": "t5"}`))
	fmt.Println(err != nil)
	// Output:
	// bert embeddings.word_embeddings.weight [100 8]
	// embeddings.LayerNorm.weight
	// true
}
