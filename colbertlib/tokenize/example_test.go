package tokenize_test

import (
	"fmt"
	"log"
	"os"
	"slices"

	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

func load() *tokenize.Tokenizer {
	data, err := os.ReadFile("testdata/tokenizer.json")
	if err != nil {
		log.Fatal(err)
	}
	t, err := tokenize.New(data)
	if err != nil {
		log.Fatal(err)
	}
	return t
}

func ExampleNew() {
	_, err := tokenize.New([]byte(`{"model": {"type": "Unigram"}}`))
	fmt.Println(err)
	// Output:
	// tokenize: tokenizer.json: model: type "Unigram" is not supported: WordPiece and BPE are
}

func ExampleTokenizer_Encode() {
	t := load()
	text := "Junior Water Engineer (UNICEF)"
	encoding := t.Encode(text, 0)
	for i, id := range encoding.IDs {
		span := encoding.Offsets[i]
		fmt.Printf("%d %s %q\n", id, t.Token(id), text[span[0]:span[1]])
	}
	// Output:
	// 2 [CLS] ""
	// 16 junior "Junior"
	// 5 water "Water"
	// 6 engineer "Engineer"
	// 10 ( "("
	// 11 un "UN"
	// 14 ##ice "ICE"
	// 15 ##f "F"
	// 12 ) ")"
	// 3 [SEP] ""
}

func ExampleTokenizer_Encode_truncated() {
	encoding := load().Encode("Water engineer in South Sudan", 4)
	fmt.Println(encoding.IDs, encoding.Truncated)
	// Output:
	// [2 5 6 3] true
}

func ExampleTokenizer_ID() {
	t := load()
	fmt.Println(t.ID("##ice"))
	fmt.Println(t.ID("river"))
	// Output:
	// 14 true
	// 0 false
}

func ExampleTokenizer_MaskID() {
	t := load()
	mask, ok := t.MaskID()
	fmt.Println(mask, ok, t.Token(mask), t.VocabSize())
	// Output:
	// 4 true [MASK] 17
}

func ExampleTrainWordPiece() {
	texts := []string{"Water engineer", "water and sanitation engineers", "Sanitation engineers; water"}
	data, err := tokenize.TrainWordPiece(slices.Values(texts), 60)
	if err != nil {
		log.Fatal(err)
	}
	t, err := tokenize.New(data) // data is what a model folder holds as tokenizer.json
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range t.Encode("sanitation engineer", 0).IDs {
		fmt.Println(t.Token(id))
	}
	// Output:
	// [CLS]
	// sanitation
	// engineer
	// [SEP]
}
