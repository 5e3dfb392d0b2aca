package maxsim_test

import (
	"fmt"

	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
)

// Two query tokens, and documents of two and one; rows have unit length.
var (
	query = maxsim.Embedding{Dim: 2, Values: []float32{1, 0, 0, 1}}
	near  = maxsim.Embedding{Dim: 2, Values: []float32{0.6, 0.8, 1, 0}}
	far   = maxsim.Embedding{Dim: 2, Values: []float32{-1, 0}, Padded: true}
)

func ExampleVariant_Score() {
	score, err := maxsim.MaskMin.Score(query, near)
	fmt.Printf("%.1f %v\n", score, err)
	// Output: 1.8 <nil>
}

// The variants differ for documents that are shorter than the model allows: neural-cherche pads them with zeros, which are nearer
// than a negative similarity.
func ExampleVariant_Scores() {
	for _, variant := range maxsim.Variants() {
		scores, err := variant.Scores(query, []maxsim.Embedding{near, far})
		fmt.Printf("%s %.1f %v\n", variant, scores, err)
	}
	// Output:
	// clip-zero [1.8 0.0] <nil>
	// mask-min [1.8 -1.0] <nil>
	// mean [0.9 -0.5] <nil>
}

func ExampleVariant_Matches() {
	matches, err := maxsim.MaskMin.Matches(query, near)
	for token, match := range matches {
		fmt.Printf("query token %d: document token %d, %.1f\n", token, match.Token, match.Similarity)
	}
	fmt.Println(query.Tokens(), query.Row(1), err)
	// Output:
	// query token 0: document token 1, 1.0
	// query token 1: document token 0, 0.8
	// 2 [0 1] <nil>
}

func ExampleParseVariant() {
	variant, err := maxsim.ParseVariant("clip-zero")
	fmt.Println(variant == maxsim.ClipZero, err)
	_, err = maxsim.ParseVariant("max")
	fmt.Println(err)
	// Output:
	// true <nil>
	// maxsim: unknown variant "max"; there are clip-zero, mask-min, mean
}
