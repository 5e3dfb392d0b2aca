package figure_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
)

func ExampleMetricsByEpoch() {
	hits := figure.Panel{
		Heading: "Hits@1",
		Series: []figure.Series{{Name: "seed 1", Scores: []figure.Score{
			{Epoch: figure.Untrained, Value: 0.17, Low: 0.12, High: 0.23},
			{Epoch: 0, Value: 0.48, Low: 0.41, High: 0.55},
			{Epoch: 1, Value: 0.54, Low: 0.47, High: 0.61},
		}}},
		References: []figure.Reference{{Name: "published", Value: 0.567}, {Name: "chance", Value: 0.111}},
	}
	f, err := figure.MetricsByEpoch("Scores by epoch\nn = 180; bands are 95 % intervals", []figure.Panel{hits})
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "figure")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	fmt.Println(f.WritePNG(filepath.Join(dir, "metrics.png")), f.WriteSVG(filepath.Join(dir, "metrics.svg")))
	// Output: <nil> <nil>
}

func ExampleLossByMicroStep() {
	steps := []figure.MicroStep{{Epoch: 0, Loss: 1.2}, {Epoch: 0, Loss: 1.0}, {Epoch: 1, Loss: 0.7}, {Epoch: 1, Loss: 0.8}}
	updates := []figure.Update{{MicroStep: 2, GradNorm: 12.1}, {MicroStep: 4, GradNorm: 8.4}}
	f, err := figure.LossByMicroStep("Training", steps, updates)
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := f.PNG()
	fmt.Printf("%q %v\n", content[1:4], err)
	// Output: "PNG" <nil>
}

func ExampleLossByStep() {
	training := []figure.StepLoss{{Step: 100, Loss: 7.1}, {Step: 200, Loss: 5.0}, {Step: 300, Loss: 4.2}}
	heldOut := []figure.StepLoss{{Step: 300, Loss: 4.3}}
	f, err := figure.LossByStep("Pre-training\nnats per masked token", training, heldOut)
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := f.SVG()
	fmt.Printf("%s %v\n", content[:5], err)
	// Output: <?xml <nil>
}

func ExampleConfusion() {
	_, err := figure.Confusion("After epoch 3", []string{"Finance", "Logistics"}, [][]int{{18, 2}, {5}})
	fmt.Println(err)
	// Output: figure: confusion: row 1 (Logistics) has 1 counts for 2 labels
}

func ExampleTokenHistogram() {
	queries := figure.TokenCounts{Heading: "Queries", Counts: []int{120, 250, 260, 900}, Limit: 256}
	f, err := figure.TokenHistogram("Length of texts in tokens", []figure.TokenCounts{queries})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := f.PNG()
	fmt.Printf("%q %v\n", content[1:4], err)
	// Output: "PNG" <nil>
}

func ExampleBars() {
	_, err := figure.Bars("Languages", []string{"all", "train"}, []figure.Counts{{Name: "English", Counts: []int{90, 8}}, {Name: "French", Counts: []int{10}}})
	fmt.Println(err)
	// Output: figure: bars: row 2 (French) has the counts [10], want one of at least 0 for each of 2 series
}

func ExampleIntervals() {
	lines := []figure.Interval{{Name: "BM25", Value: 0.48, Low: 0.41, High: 0.55}, {Name: "ColBERT", Value: 0.57, Low: 0.49, High: 0.64, Group: 1}}
	f, err := figure.Intervals("Rows\nn = 180", "Hits@1", []string{"baseline", "trained"}, lines, []figure.Reference{{Name: "chance", Value: 0.111}})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := f.PNG()
	fmt.Printf("%q %v\n", content[1:4], err)
	_, err = figure.Intervals("", "Hits@1", nil, []figure.Interval{{Name: "BM25", Value: 0.48, Low: 0.5, High: 0.55}}, nil)
	fmt.Println(err)
	// Output:
	// "PNG" <nil>
	// figure: intervals: BM25: the value 0.48 and its interval [0.5, 0.55] do not fit each other
}

func ExampleLearningCurve() {
	series := []figure.Series{{Name: "ColBERT", Scores: []figure.Score{{Epoch: 90, Value: 0.3, Low: 0.2, High: 0.4}, {Epoch: 900, Value: 0.6, Low: 0.5, High: 0.7}}}}
	f, err := figure.LearningCurve("Learning curve", figure.Panel{Heading: "Hits@1", Series: series})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := f.PNG()
	fmt.Printf("%q %v\n", content[1:4], err)
	// Output: "PNG" <nil>
}

func ExampleReliability() {
	bins := []calibrate.Bin{{Low: 0, High: 0.5, N: 8, Confidence: 0.4, Accuracy: 0.5}, {Low: 0.5, High: 1, N: 20, Confidence: 0.8, Accuracy: 0.75}}
	f, err := figure.Reliability("Are probabilities what they say?", []figure.ReliabilityPanel{{Heading: "after calibration", Bins: bins}})
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := f.PNG()
	fmt.Printf("%q %v\n", content[1:4], err)
	// Output: "PNG" <nil>
}
