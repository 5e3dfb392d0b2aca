package encoder_test

import (
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
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

// A row that is asked for twice gets the gradients of both places.
func ExampleGatherRows() {
	opened, err := backend.Open("go")
	if err != nil {
		log.Fatal(err)
	}
	defer opened.Finalize()
	exec, err := graph.NewExec(opened, func(table, rows *graph.Node) []*graph.Node {
		chosen := encoder.GatherRows(table, rows) // [3, 2]
		return []*graph.Node{chosen, graph.Gradient(graph.ReduceAllSum(chosen), table)[0]}
	})
	if err != nil {
		log.Fatal(err)
	}
	outputs, err := exec.Call([][]float32{{1, 2}, {3, 4}}, []int32{0, 1, 0})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(outputs[0].Value(), outputs[1].Value())
	// Output: [[1 2] [3 4] [1 2]] [[2 2] [1 1]]
}
