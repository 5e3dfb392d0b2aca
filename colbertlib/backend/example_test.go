package backend_test

import (
	"fmt"
	"log"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
)

func ExampleOpen() {
	opened, err := backend.Open("go") // "" would be what GOMLX_BACKEND names
	if err != nil {
		log.Fatal(err)
	}
	defer opened.Finalize()
	fmt.Println(backend.Describe(opened))
	fmt.Println("dynamic axes:", backend.OpenAxes(opened), "each shape costs much:", backend.DearShapes(opened))
	// Output:
	// Go Backend
	// dynamic axes: false each shape costs much: false
}

// The Go backend is always there, and comes last as the slowest.
func ExampleCandidates() {
	candidates := backend.Candidates()
	last := candidates[len(candidates)-1]
	fmt.Println(last.Name, last.Config(), last.Err)
	// Output: go go <nil>
}

func ExampleChoose() {
	choice, err := backend.Choose() // for this machine
	fmt.Println(choice.Config != "", err)
	// Output: true <nil>
}
