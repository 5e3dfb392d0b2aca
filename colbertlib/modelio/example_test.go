package modelio_test

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

func ExampleWriteSafetensors() {
	var file bytes.Buffer
	weight := modelio.NewF32("linear.weight", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6})
	if err := modelio.WriteSafetensors(&file, []modelio.Tensor{weight}, map[string]string{"format": "pt"}); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d bytes: %s\n", file.Len(), file.Bytes()[8:109])
	// Output: 136 bytes: {"__metadata__":{"format":"pt"},"linear.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
}

func ExampleSaveSafetensors() {
	dir, err := os.MkdirTemp("", "modelio")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	head := modelio.NewF32("linear.weight", []int{1, 2}, []float32{3, 4})
	if err := modelio.SaveSafetensors(filepath.Join(dir, "head.safetensors"), []modelio.Tensor{head}, nil); err != nil {
		log.Fatal(err)
	}
	file, err := modelio.OpenSafetensors(os.DirFS(dir), "head.safetensors")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	info, ok := file.Info("linear.weight")
	fmt.Println(file.Names(), info.DType, info.Shape, ok)
	// Output: [linear.weight] F32 [1 2] true
}

func ExampleNewWeights() {
	weights := modelio.NewWeights([]modelio.Tensor{modelio.NewF32("b", []int{1}, []float32{5}), modelio.NewF32("a", []int{1}, []float32{6})})
	_, err := weights.Read("c")
	fmt.Println(weights.Names(), err)
	// Output: [b a] modelio: weights in memory: no tensor "c" among its 2
}

func ExampleOpenWeights() {
	var file bytes.Buffer
	weight := modelio.NewF32("linear.weight", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6})
	if err := modelio.WriteSafetensors(&file, []modelio.Tensor{weight}, nil); err != nil {
		log.Fatal(err)
	}
	folder := fstest.MapFS{"model.safetensors": {Data: file.Bytes()}} // os.DirFS("folder") for one on disk

	weights, err := modelio.OpenWeights(folder, ".")
	if err != nil {
		log.Fatal(err)
	}
	defer weights.Close()
	for _, name := range weights.Names() {
		tensor, err := weights.Read(name)
		if err != nil {
			log.Fatal(err)
		}
		values, err := tensor.Float32s()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(name, tensor.Shape, values)
	}
	// Output: linear.weight [2 3] [1 2 3 4 5 6]
}

func ExampleWeights_ReadInto() {
	weights := modelio.NewWeights([]modelio.Tensor{modelio.NewF32("bias", []int{2}, []float32{0, 1})})
	memory := make([]byte, 8) // a backend's, for example
	err := weights.ReadInto("bias", memory)
	fmt.Printf("%v %v\n", memory, err)
	fmt.Println(weights.ReadInto("bias", memory[:4]))
	// Output:
	// [0 0 0 0 0 0 128 63] <nil>
	// modelio: tensor "bias" has 8 bytes, there is room for 4
}

// A minimal model of one token, as another package would have trained it.
func exampleFolder() *modelio.Folder {
	return &modelio.Folder{
		Config:     []byte(`{"model_type":"bert","hidden_size":2,"max_position_embeddings":8}`),
		Tokenizer:  []byte(`{"added_tokens":[],"model":{"type":"WordPiece","vocab":{"[UNK]":0}}}`),
		Weights:    modelio.NewWeights([]modelio.Tensor{modelio.NewF32("embeddings.word_embeddings.weight", []int{1, 2}, []float32{1, 2})}),
		Head:       []modelio.Dense{{Weight: modelio.NewF32("head", []int{1, 2}, []float32{3, 4}), Activation: "identity"}},
		Query:      modelio.Role{Prefix: "[Q] ", Length: 2048},
		Document:   modelio.Role{Prefix: "[D] ", Length: 64},
		Similarity: "clip-zero",
	}
}

func ExampleWrite() {
	parent, err := os.MkdirTemp("", "modelio")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "model")
	warnings, err := modelio.Write(dir, exampleFolder(), modelio.SentenceTransformers)
	if err != nil {
		log.Fatal(err)
	}
	for _, warning := range warnings {
		fmt.Println("warning:", warning)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		fmt.Println(filepath.Base(file))
	}
	// Output:
	// warning: sentence-transformers has no clip-zero and scores by mask-min: documents of fewer than 64 tokens may score lower there
	// 1_Dense
	// 2_MultiVectorMask
	// 3_Normalize
	// config.json
	// config_sentence_transformers.json
	// jobtagger.json
	// model.safetensors
	// modules.json
	// sentence_bert_config.json
	// tokenizer.json
	// tokenizer_config.json
}

func ExampleOpen() {
	parent, err := os.MkdirTemp("", "modelio")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	if _, err := modelio.Write(filepath.Join(parent, "model"), exampleFolder(), modelio.SentenceTransformers); err != nil {
		log.Fatal(err)
	}

	folder, err := modelio.Open(os.DirFS(parent), "model")
	if err != nil {
		log.Fatal(err)
	}
	defer folder.Close()
	fmt.Println(folder.Format, folder.Similarity)
	fmt.Printf("queries: %q, %d tokens\n", folder.Query.Prefix, folder.Query.Length)
	fmt.Println("head:", folder.Head[0].Weight.Shape, folder.Head[0].Activation)
	// Output:
	// sentence-transformers clip-zero
	// queries: "[Q] ", 2048 tokens
	// head: [1 2] identity
}

func ExampleInspect() {
	parent, err := os.MkdirTemp("", "modelio")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	if _, err := modelio.Write(filepath.Join(parent, "model"), exampleFolder(), modelio.SentenceTransformers); err != nil {
		log.Fatal(err)
	}

	inventory, err := modelio.Inspect(os.DirFS(parent), "model")
	if err != nil {
		log.Fatal(err)
	}
	for _, tensor := range inventory.Tensors {
		fmt.Println(tensor.Name, tensor.DType, tensor.Shape)
	}
	fmt.Println(inventory.Parameters, "parameters,", inventory.Bytes, "bytes")
	// Output:
	// embeddings.word_embeddings.weight F32 [1 2]
	// pooler.dense.bias F32 [2]
	// pooler.dense.weight F32 [2 2]
	// 8 parameters, 32 bytes
}

func ExampleOpenSafetensors() {
	folder := fstest.MapFS{}
	var file bytes.Buffer
	if err := modelio.WriteSafetensors(&file, []modelio.Tensor{modelio.NewF32("bias", []int{2}, []float32{1, 2})}, nil); err != nil {
		log.Fatal(err)
	}
	folder["m.safetensors"] = &fstest.MapFile{Data: file.Bytes()[:file.Len()-1]} // cut

	_, err := modelio.OpenSafetensors(folder, "m.safetensors")
	fmt.Println(err)
	// Output: modelio: m.safetensors: truncated: tensors need 8 bytes after the header, found 7; fetch it again
}

func ExampleSetCalibration() {
	parent, err := os.MkdirTemp("", "modelio")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "model")
	if _, err := modelio.Write(dir, exampleFolder(), modelio.SentenceTransformers); err != nil {
		log.Fatal(err)
	}
	if err := modelio.SetCalibration(dir, []byte(`0.5`)); err != nil { // other files stay as they are
		log.Fatal(err)
	}
	folder, err := modelio.Open(os.DirFS(parent), "model")
	if err != nil {
		log.Fatal(err)
	}
	defer folder.Close()
	fmt.Println(string(folder.JobTagger.Calibration))
	// Output: 0.5
}
