package modelio_test

import (
	"bytes"
	"fmt"
	"log"
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
