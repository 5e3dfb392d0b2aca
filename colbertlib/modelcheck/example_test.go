package modelcheck_test

import (
	"fmt"
	"io/fs"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/modelcheck"
	"github.com/jobtagger/jobtagger/data"
)

func ExampleCheck() {
	starter, err := fs.Sub(data.Starter, "model") // or os.DirFS("folder")
	if err != nil {
		fmt.Println(err)
		return
	}
	gpt := fstest.MapFS{"config.json": {Data: []byte(`{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}`)}}

	for _, report := range []modelcheck.Report{modelcheck.Check("starter-base", starter), modelcheck.Check("gpt2", gpt)} {
		fmt.Printf("%s, %s: %s\n", report.Model, report.Verdict, report.Reason)
	}
	// Output:
	// starter-base, supported: encoder and language model head are complete; the decoder is the word embedding table
	// gpt2, unsupported: gpt2 is a decoder, whose tokens see only those before them; supported are bert, distilbert, gte, modernbert, new
}

func ExampleFill() {
	starter, err := fs.Sub(data.Starter, "model")
	if err != nil {
		fmt.Println(err)
		return
	}
	opened, err := backend.Open("")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer opened.Finalize()
	guesses, err := modelcheck.Fill(opened, starter, "The finance [MASK] checks the [MASK].", 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(guesses), "places,", len(guesses[0]), "guesses each")
	// Output: 2 places, 5 guesses each
}

func ExampleTable() {
	gpt := fstest.MapFS{"config.json": {Data: []byte(`{"model_type": "gpt2"}`)}}
	for _, row := range modelcheck.Table([]modelcheck.Report{modelcheck.Check("gpt2", gpt)}) {
		fmt.Println(row[:4])
	}
	// Output:
	// [model family verdict MLM head]
	// [gpt2 gpt2 unsupported absent]
}
