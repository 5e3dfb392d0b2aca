package bm25_test

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/bm25"
)

func ExampleIndex_Search() {
	index := bm25.New([]string{"Wells, pumps and latrines.", "Trucks, stores and customs."})
	for _, c := range index.Search("Truck driver: brings pumps to the stores", 0) {
		fmt.Printf("%d %.2f\n", c.Document, c.Score)
	}
	// Output:
	// 1 18.00
	// 0 16.00
}

func ExampleIndex_Recall() {
	index := bm25.New([]string{"Wells, pumps and latrines.", "Trucks, stores and customs."})
	recall, err := index.Recall([]string{"Truck driver", "Cook"}, []int{1, 0}, 0)
	fmt.Println(recall, err) // "Cook" matches no document
	// Output: 0.5 <nil>
}
