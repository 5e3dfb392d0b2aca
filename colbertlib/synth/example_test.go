package synth_test

import (
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

func Example() {
	g, err := synth.New()
	if err != nil {
		log.Fatal(err)
	}
	set := g.Set(synth.Seed)
	fmt.Println(len(set.Train), len(set.Validate), len(set.Test))
	// Output: 900 180 90
}

func ExampleGenerator_Ad() {
	g, err := synth.New()
	if err != nil {
		log.Fatal(err)
	}
	ad, err := g.Ad(rand.New(rand.NewPCG(1, 2)), 36601)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ad.Label, ad.Source, strings.HasPrefix(ad.Text(), ad.Title))
	// Output: 36601 synthetic true
}

func ExampleGenerator_Labels() {
	g, err := synth.New()
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range g.Labels()[:3] {
		fmt.Println(l.ID, l.Name)
	}
	// Output:
	// 6864 Administration/Finance
	// 6865 Advocacy/Communications
	// 20966 Donor Relations/Grants Management
}

func ExampleGenerator_Natural() {
	g, err := synth.New()
	if err != nil {
		log.Fatal(err)
	}
	ads := g.Natural(synth.Seed)
	fmt.Println(len(ads), ads[0].ID)
	// Output: 360 natural-001
}

func ExampleWriteFolder() {
	dir, err := os.MkdirTemp("", "synth")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := synth.WriteFolder(dir, 1); err != nil {
		log.Fatal(err)
	}
	set, err := dataset.ReadSet(os.DirFS(dir))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(set.Labels), len(set.Train))
	// Output: 9 900
}

func ExampleGenerator_Texts() {
	g, err := synth.New()
	if err != nil {
		log.Fatal(err)
	}
	words := 0
	for text := range g.Texts(1, synth.Seed) {
		if words += len(strings.Fields(text)); words >= 100_000 {
			break
		}
	}
	fmt.Println(words >= 100_000)
	// Output: true
}
