package colbertlib_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

const advert = "Warehouse Officer\nManages stocks, the fleet and the procurement of relief goods."

// starterTagger tags with the three labels of these examples.
func starterTagger() (*colbertlib.Tagger, func() error) {
	model := starter()
	tagger, err := colbertlib.NewTagger(context.Background(), model, labels)
	if err != nil {
		log.Fatal(err)
	}
	return tagger, model.Close
}

// why is Logistics rather than Finance for the advertisement.
func why() *colbertlib.Explanation {
	tagger, done := starterTagger()
	explanation, err := tagger.Explain(context.Background(), advert, 2, 1)
	if err != nil {
		log.Fatal(err)
	}
	if err := done(); err != nil {
		log.Fatal(err)
	}
	return explanation
}

func ExampleTagger_Explain() {
	explanation := why()
	sum := explanation.Added
	for _, word := range explanation.Words {
		sum += word.Contribution
	}
	fmt.Printf("%s rather than %s: the difference is what its words add up to: %v\n",
		explanation.For.Name, explanation.Against.Name, sum-explanation.Margin < 1e-5)
	// Output: Logistics rather than Finance: the difference is what its words add up to: true
}

func ExampleExplanation_Highest() {
	for _, word := range why().Highest(3) {
		fmt.Println(word.Contribution > 0)
	}
	// Output:
	// true
	// true
	// true
}

func ExampleExplanation_Table() {
	fmt.Println(strings.Join(why().Table(5)[0], ", "))
	// Output: word, times, contribution, most similar in Logistics, most similar in Finance
}

func ExampleExplanation_HTML() {
	page, err := why().HTML()
	fmt.Println(strings.Contains(page, "<b>Logistics</b>"), err)
	// Output: true <nil>
}

func ExampleWriteHTML() {
	dir, err := os.MkdirTemp("", "why")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	page := filepath.Join(dir, "why.html")
	if err := colbertlib.WriteHTML(page, []*colbertlib.Explanation{why()}); err != nil {
		log.Fatal(err)
	}
	content, err := os.ReadFile(page)
	fmt.Println(strings.HasPrefix(string(content), "<!DOCTYPE html>"), err)
	// Output: true <nil>
}

func ExampleExplanation_WriteText() {
	var page strings.Builder
	err := why().WriteText(&page, false) // or to os.Stdout, with colours
	fmt.Println(strings.HasPrefix(page.String(), "Logistics "), err)
	// Output: true <nil>
}

func ExampleMatch_String() {
	fmt.Println(colbertlib.Match{Word: "warehouses", Similarity: 0.8149})
	// Output: warehouses 0.81
}

func ExampleTagger_With() {
	ctx := context.Background()
	tagger, done := starterTagger()
	tagger, err := tagger.With(ctx, dataset.Label{ID: 4, Name: "Legal", Description: "Legal advice, contracts, court cases and compliance with the law."})
	if err != nil {
		log.Fatal(err)
	}
	tagging, err := tagger.Tag(ctx, "Lawyer\nGives legal advice and represents clients in court.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tagging.Tags[0].Name, done())
	// Output: Legal <nil>
}

func ExampleTagger_Labels() {
	tagger, done := starterTagger()
	fmt.Println(len(tagger.Labels()), done())
	// Output: 3 <nil>
}

func ExampleTagger_WithWindows() {
	ctx := context.Background()
	tagger, done := starterTagger()
	long := strings.Repeat("The organisation was founded long ago. ", 100) + advert
	for _, reader := range []*colbertlib.Tagger{tagger, tagger.WithWindows()} {
		tagging, err := reader.Tag(ctx, long)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(tagging.Truncated)
	}
	fmt.Println(done())
	// Output:
	// true
	// false
	// <nil>
}

func ExampleModel_EncodeLongQueries() {
	model := starter()
	defer model.Close()
	queries, err := model.EncodeLongQueries(context.Background(), []string{strings.Repeat("The organisation was founded long ago. ", 100)}, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(queries[0].Tokens() > 700, queries[0].Truncated)
	// Output: true false
}

func ExampleTagging_Above() {
	tagging := colbertlib.Tagging{Tags: []colbertlib.Tag{{Name: "Finance", Probability: 0.55}, {Name: "Logistics", Probability: 0.4}, {Name: "Press", Probability: 0.05}}}
	fmt.Println(len(tagging.Above(0.9)), "sure enough,", len(tagging.Above(0.3)), "likely")
	// Output: 0 sure enough, 2 likely
}

// Two advertisements of each label are too few, but show the way.
func ExampleCalibrate() {
	ctx := context.Background()
	tagger, done := starterTagger()
	judged := []dataset.Query{
		{Text: "Accountant", Label: 1}, {Text: "Pays invoices", Label: 1}, {Text: "Driver", Label: 2},
		{Text: "Buys tents", Label: 2}, {Text: "Journalist", Label: 3}, {Text: "Runs campaigns", Label: 3},
	}
	taggings, err := tagger.TagAll(ctx, dataset.Texts(judged), nil)
	if err != nil {
		log.Fatal(err)
	}
	calibration, err := colbertlib.Calibrate(tagger.Labels(), taggings, judged)
	if err != nil {
		log.Fatal(err)
	}
	if tagger, err = tagger.WithCalibration(calibration); err != nil {
		log.Fatal(err)
	}
	tagging, err := tagger.Tag(ctx, advert)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tagging.Tags[0].Name, tagging.Calibrated, done())
	// Output: Logistics true <nil>
}

func ExampleWriteCalibration() {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	model := starter()
	defer model.Close()
	folder := filepath.Join(dir, "tagger")
	if _, err := model.Save(folder); err != nil {
		log.Fatal(err)
	}
	calibration := colbertlib.Calibration{Temperature: 0.01, Ads: 180} // in truth from Calibrate
	if err := colbertlib.WriteCalibration(folder, calibration, model.Labels()); err != nil {
		log.Fatal(err)
	}
	again, err := colbertlib.Load(folder, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer again.Close()
	fmt.Println(again.Calibration().Temperature)
	// Output: 0.01
}

// One tagging with two labels, the second of which is right.
func ExampleProbabilities() {
	taggings := []colbertlib.Tagging{{Tags: []colbertlib.Tag{{LabelID: 2, Probability: 0.7, Similarity: 0.52}, {LabelID: 1, Probability: 0.3, Similarity: 0.5}}}}
	probabilities, err := colbertlib.Probabilities(labels[:2], taggings)
	fmt.Println(probabilities, err)
	// Output: [[0.3 0.7]] <nil>
}

func ExampleSimilarities() {
	taggings := []colbertlib.Tagging{{Tags: []colbertlib.Tag{{LabelID: 2, Similarity: 0.52}, {LabelID: 1, Similarity: 0.5}}}}
	similarities, err := colbertlib.Similarities(labels[:2], taggings)
	fmt.Println(similarities, err)
	// Output: [[0.5 0.52]] <nil>
}

func ExampleScores() {
	taggings := []colbertlib.Tagging{{Tags: []colbertlib.Tag{{LabelID: 2, Score: 52}, {LabelID: 1, Score: 50}}}}
	scores, err := colbertlib.Scores(labels[:2], taggings)
	fmt.Println(scores, err)
	// Output: [[50 52]] <nil>
}

func ExamplePlaces() {
	places, err := colbertlib.Places(labels, []dataset.Query{{Label: 3}, {Label: 1}})
	fmt.Println(places, err)
	// Output: [2 0] <nil>
}
