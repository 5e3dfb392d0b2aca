package figure

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/calibrate"
	"gonum.org/v1/plot/cmpimg"
)

// goldenDPI keeps the files in testdata small; layout is in points and does not depend on it.
const goldenDPI = 64

// nineLabels have the lengths of real label names.
var nineLabels = []string{"Administration/Finance", "Advocacy/Communications", "Donor Relations/Grants Management",
	"Human Resources", "Information and Communications Technology", "Information Management", "Logistics/Procurement",
	"Monitoring and Evaluation", "Program/Project Management"}

// rates makes a series of scores, from the untrained state on, with the normal interval of n yes-or-no outcomes.
func rates(name string, n float64, values ...float64) Series {
	s := Series{Name: name}
	for i, v := range values {
		half := 1.96 * math.Sqrt(v*(1-v)/n)
		s.Scores = append(s.Scores, Score{Untrained + i, v, max(0, v-half), min(1, v+half)})
	}
	return s
}

// noisyLoss falls from start to floor.
func noisyLoss(i int, start, floor, noise float64, r *rand.Rand) float64 {
	return floor + (start-floor)*math.Exp(-float64(i)/250) + noise*math.Abs(r.NormFloat64())
}

// bins are of equal width, with accuracies below the confidence by off.
func bins(counts []int, off float64) (all []calibrate.Bin) {
	width := 1 / float64(len(counts))
	for i, n := range counts {
		low := width * float64(i)
		all = append(all, calibrate.Bin{Low: low, High: low + width, N: n, Confidence: low + width/2, Accuracy: max(0, low+width/2-off)})
	}
	return all
}

// pictures are the figures that the golden images show, one of each kind and each layout.
func pictures() map[string]func() (*Figure, error) {
	r := rand.New(rand.NewPCG(1, 2))
	var steps []MicroStep
	var sparse, dense []Update
	for i := range 720 {
		steps = append(steps, MicroStep{i / 180, noisyLoss(i, 1.2, 0.1, 0.3, r)})
		if (i+1)%50 == 0 {
			sparse = append(sparse, Update{i + 1, noisyLoss(i, 12, 3, 2, r)})
		}
		if (i+1)%5 == 0 {
			dense = append(dense, Update{i + 1, noisyLoss(i, 12, 3, 2, r)})
		}
	}
	var training, heldOut []StepLoss
	for i := range 2400 {
		training = append(training, StepLoss{10 * (i + 1), noisyLoss(i, 8, 2.2, 0.3, r)})
		if i%200 == 199 {
			heldOut = append(heldOut, StepLoss{10 * (i + 1), noisyLoss(i, 8, 2.5, 0, r)})
		}
	}
	counts := make([][]int, len(nineLabels))
	for i := range counts {
		counts[i] = make([]int, len(nineLabels))
		for range 20 {
			j := i
			if r.Float64() < 0.4 {
				j = r.IntN(len(nineLabels))
			}
			counts[i][j]++
		}
	}
	var lengths []int
	for range 3000 {
		lengths = append(lengths, int(math.Exp(5.9+0.7*r.NormFloat64()))+20)
	}
	return map[string]func() (*Figure, error){
		"bars": func() (*Figure, error) {
			var rows []Counts
			for i, name := range nineLabels {
				rows = append(rows, Counts{name, []int{12000 / (i + 2), 100, 20, 10}})
			}
			return Bars("Labels\nall advertisements that were read, and those in the splits", []string{"all", "train", "validate", "test"}, rows)
		},
		"intervals": func() (*Figure, error) {
			return Intervals("What else one could do: starter\nn = 90; lines: 95 % intervals over advertisements", "Hits@1", []string{"not trained here", "trained"}, []Interval{
				{"most frequent label", .111, .06, .18, 0, ""}, {"BM25", .556, .46, .66, 0, ""}, {"TF-IDF + logistic regression", .778, .69, .86, 0, ""},
				{"zero-shot MaxSim + biases", .256, .17, .34, 0, ""}, {"ColBERT starter", .567, .47, .66, 1, ""}, {"ColBERT listwise,learning_rate=0.0001", .9, .8, 1, 1, ""},
			}, []Reference{{"chance", .111}})
		},
		"intervals-by-group": func() (*Figure, error) {
			return Intervals("By language", "Hits@1", []string{"en (n 278)", "es (n 47)", "fr (n 35)"}, []Interval{
				{"BM25", .51, .45, .57, 0, ""}, {"BM25", .29, .18, .44, 1, ""}, {"BM25", .3, .18, .47, 2, ""},
				{"TF-IDF + logistic regression", .8, .75, .84, 0, ""}, {"TF-IDF + logistic regression", .7, .56, .81, 1, ""}, {"TF-IDF + logistic regression", 1, .9, 1, 2, ""},
				{"ColBERT listwise", .05, .02, .08, 0, ""}, {"ColBERT listwise", 0, 0, .08, 1, ""}, {"ColBERT listwise", .45, .3, .62, 2, ""},
			}, []Reference{{"chance", .111}})
		},
		"learning-curve": func() (*Figure, error) {
			sizes := func(name string, values ...float64) Series {
				s := Series{Name: name}
				for i, v := range values {
					s.Scores = append(s.Scores, Score{[]int{90, 270, 900}[i], v, v - .04, v + .03})
				}
				return s
			}
			return LearningCurve("Learning curve\nbands: from the lowest to the highest of 3 seeds", Panel{"Hits@1", []Series{sizes("words", .4, .6, .78),
				sizes("ColBERT starter", .2, .35, .567), sizes("ColBERT listwise", .3, .5, .7)}, []Reference{{"zero-shot MaxSim", .18}}})
		},
		"tokens": func() (*Figure, error) {
			return TokenHistogram("Length of texts in tokens", []TokenCounts{{"Queries", lengths, 256}, {"Documents", []int{45, 45, 46, 49, 53, 54, 54, 55, 63}, 96}})
		},
		"reliability": func() (*Figure, error) {
			return Reliability("Are probabilities what they say?\nn = 180 synthetic advertisements; bars are 95 % intervals", []ReliabilityPanel{
				{"before", bins([]int{0, 0, 4, 14, 20, 21, 22, 26, 33, 40}, 0.12)}, {"after calibration", bins([]int{0, 6, 24, 30, 32, 28, 24, 17, 12, 7}, -0.01)},
			})
		},
		"metrics": func() (*Figure, error) {
			return MetricsByEpoch("Scores on the validation advertisements\nn = 180 synthetic advertisements, seed 1; bands are 95 % intervals", []Panel{
				{"NDCG@10", []Series{rates("starter", 500, .521, .668, .741, .775, .791)}, []Reference{{"published", .7787}, {"chance", .473}}},
				{"Hits@1", []Series{rates("starter", 180, .167, .389, .478, .556, .583)}, []Reference{{"published", .5667}, {"chance", .111}}},
				{"Hits@5", []Series{rates("starter", 180, .611, .783, .85, .9, .922)}, []Reference{{"published", .9111}, {"chance", .556}}},
			})
		},
		"metrics-compared": func() (*Figure, error) {
			return MetricsByEpoch("Three recipes", []Panel{
				{"NDCG@10", []Series{rates("starter", 500, .521, .668, .741, .775, .791), rates("listwise", 500, .521, .768, .841, .855, .861),
					rates("frozen encoder", 500, .521, .55, .551, .575, .56)}, []Reference{{"published", .7787}, {"BM25", .56}, {"chance", .473}}},
				{"Hits@1", []Series{rates("starter", 180, .167, .389, .478, .556, .583), rates("listwise", 180, .167, .589, .678, .656, .683),
					rates("frozen encoder", 180, .167, .189, .178, .156, .183)}, []Reference{{"published", .5667}, {"BM25", .41}, {"chance", .111}}},
			})
		},
		"metrics-published": func() (*Figure, error) {
			published := Series{"published", []Score{{0, .856, .856, .856}, {1, .9, .9, .9}, {2, .922, .922, .922}}}
			return MetricsByEpoch("A line at the top", []Panel{
				{"Hits@1", []Series{rates("this run", 180, .167, .889, .978, .983)}, []Reference{{"chance", .111}}},
				{"Hits@5", []Series{rates("this run", 180, .611, .983, 1, 1), published}, []Reference{{"chance", .556}}},
			})
		},
		"metrics-one-panel": func() (*Figure, error) {
			return MetricsByEpoch("Three metrics in one panel", []Panel{{"Score", []Series{
				rates("NDCG@10", 500, .521, .668, .741, .775, .791), rates("Hits@1", 180, .167, .389, .478, .556, .783),
				rates("Hits@5", 180, .611, .783, .85, .9, .922)}, []Reference{{"chance Hits@1", .111}}}})
		},
		"micro-steps": func() (*Figure, error) {
			return LossByMicroStep("Training\n720 micro-batches of 5 triples, an update every 50; seed 1", steps, sparse)
		},
		"micro-steps-dense": func() (*Figure, error) { return LossByMicroStep("Training", steps, dense) },
		"micro-steps-few": func() (*Figure, error) {
			return LossByMicroStep("", steps[:9], []Update{{3, 2.5}, {6, 2.25}, {9, 1.5}})
		},
		"steps":     func() (*Figure, error) { return LossByStep("Pre-training\nnats per masked token", training, heldOut) },
		"confusion": func() (*Figure, error) { return Confusion("Predicted after epoch 3", nineLabels, counts) },
	}
}

func TestGolden(t *testing.T) {
	for name, build := range pictures() {
		t.Run(name, func(t *testing.T) {
			f, err := build()
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.png(goldenDPI)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".png")
			if *cmpimg.GenerateTestData { // the flag -regen
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if same, err := cmpimg.EqualApprox("png", got, want, 0.1); err != nil || !same {
				t.Errorf("picture differs from %s (%v): run with -regen, look at it, and commit it if it is as meant", path, err)
			}
		})
	}
}
