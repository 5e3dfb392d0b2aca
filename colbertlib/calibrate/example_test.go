package calibrate_test

import (
	"fmt"
	"log"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
)

// Six texts' scores for two labels, and which was right. The first label scores too high.
var (
	scores = [][]float64{{0.52, 0.48}, {0.51, 0.50}, {0.49, 0.52}, {0.53, 0.52}, {0.55, 0.47}, {0.51, 0.51}}
	labels = []int{0, 1, 1, 1, 0, 1}
)

func fitted() calibrate.Calibration {
	fitted, err := calibrate.Fit(scores, labels)
	if err != nil {
		log.Fatal(err)
	}
	return fitted
}

func ExampleFit() {
	fmt.Println(fitted().Bias[0] < 0)
	// Output: true
}

func ExampleCalibration_Probabilities() {
	probabilities, err := fitted().Probabilities([]float64{0.52, 0.51})
	fmt.Println(probabilities[1] > probabilities[0], err)
	// Output: true <nil>
}

func ExampleCalibration_All() {
	probabilities, err := fitted().All(scores)
	fmt.Println(len(probabilities), len(probabilities[0]), err)
	// Output: 6 2 <nil>
}

func ExampleCalibration_Validate() {
	fmt.Println(calibrate.Calibration{Temperature: -1}.Validate())
	// Output: calibrate: the temperature is -1, expected a positive number
}

func ExampleSoftmax() {
	fmt.Printf("%.3f\n", calibrate.Softmax([]float64{2, 1, 0}))
	// Output: [0.665 0.245 0.090]
}

func ExampleCrossValidate() {
	probabilities, err := calibrate.CrossValidate(scores, labels, 3, 1)
	fmt.Println(len(probabilities), err)
	// Output: 6 <nil>
}

// Ten texts, all decided with a probability of .9, nine of them rightly.
func ExampleReliability() {
	var probabilities [][]float64
	for range 10 {
		probabilities = append(probabilities, []float64{0.9, 0.1})
	}
	bins, err := calibrate.Reliability(probabilities, []int{0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, 5)
	if err != nil {
		log.Fatal(err)
	}
	last := bins[len(bins)-1]
	fmt.Printf("%d texts, confidence %.2f, accuracy %.2f\n", last.N, last.Confidence, last.Accuracy)
	// Output: 10 texts, confidence 0.90, accuracy 0.90
}

func ExampleExpectedError() {
	fmt.Printf("%.3f\n", calibrate.ExpectedError([]calibrate.Bin{{N: 30, Confidence: 0.9, Accuracy: 0.8}, {N: 10, Confidence: 0.6, Accuracy: 0.6}}))
	// Output: 0.075
}

func ExampleLogLoss() {
	loss, err := calibrate.LogLoss([][]float64{{0.5, 0.5}, {0.5, 0.5}}, []int{0, 1})
	fmt.Printf("%.3f %v\n", loss, err)
	// Output: 0.693 <nil>
}

// Who wants nine of ten decisions to be right leaves a quarter of these texts to people.
func ExamplePrecision() {
	probabilities := [][]float64{{0.9, 0.1}, {0.8, 0.2}, {0.7, 0.3}, {0.6, 0.4}}
	decided, ok, err := calibrate.Precision(probabilities, []int{0, 0, 0, 1}, 0.9)
	fmt.Println(decided.Threshold, decided.Coverage, ok, err)
	// Output: 0.7 0.75 true <nil>
}

// Of 90 decisions with a probability of .6, chance makes the share of right ones differ from that by .04 on average.
func ExampleErrorByChance() {
	fmt.Printf("%.2f\n", calibrate.ErrorByChance([]calibrate.Bin{{N: 90, Confidence: 0.6}}, 1))
	// Output: 0.04
}
