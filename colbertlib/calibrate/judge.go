package calibrate

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Bin is the texts whose most probable label has a probability, the confidence, in (Low, High].
type Bin struct {
	Low, High  float64
	N          int
	Confidence float64 // mean; 0 for none
	Accuracy   float64 // share of texts whose most probable label is right; 0 for none
}

// Reliability divides texts by confidence into bins of equal width (Guo et al. 2017, section 2). probabilities [n, N] are those of the
// labels, labels [n] the places of the right ones.
func Reliability(probabilities [][]float64, labels []int, bins int) ([]Bin, error) {
	decisions, err := decide(probabilities, labels)
	if err != nil {
		return nil, err
	}
	if bins < 1 {
		return nil, fmt.Errorf("calibrate: %d bins", bins)
	}
	result := make([]Bin, bins)
	for i := range result {
		result[i].Low, result[i].High = float64(i)/float64(bins), float64(i+1)/float64(bins)
	}
	for _, d := range decisions {
		bin := &result[min(max(int(math.Ceil(d.confidence*float64(bins)))-1, 0), bins-1)]
		bin.N++
		bin.Confidence += d.confidence
		if d.right {
			bin.Accuracy++
		}
	}
	for i := range result {
		if n := float64(result[i].N); n > 0 {
			result[i].Confidence /= n
			result[i].Accuracy /= n
		}
	}
	return result, nil
}

// ExpectedError is the expected calibration error: the mean over texts of the distance between their bin's confidence and accuracy (Guo et
// al. 2017, equation 3). It is 0 for perfect calibration of endless texts; with few, chance alone makes it larger: see [ErrorByChance].
func ExpectedError(bins []Bin) float64 {
	sum, n := 0.0, 0
	for _, bin := range bins {
		sum += float64(bin.N) * math.Abs(bin.Confidence-bin.Accuracy)
		n += bin.N
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// draws is how often ErrorByChance decides anew.
const draws = 1000

// ErrorByChance is the mean expected calibration error of decisions that are right exactly as often as they say: what is to be expected of the best
// calibration with as many texts as these bins hold, distributed as they are. seed draws what is right.
func ErrorByChance(bins []Bin, seed uint64) float64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	drawn := slices.Clone(bins)
	sum := 0.0
	for range draws {
		for i, bin := range bins {
			right := 0
			for range bin.N {
				if rng.Float64() < bin.Confidence {
					right++
				}
			}
			drawn[i].Accuracy = float64(right) / float64(max(bin.N, 1))
		}
		sum += ExpectedError(drawn)
	}
	return sum / draws
}

// LogLoss is the mean of -log(probability of the right label), in nats; it is infinite if one of them is zero.
func LogLoss(probabilities [][]float64, labels []int) (float64, error) {
	if err := check(probabilities, labels); err != nil {
		return 0, err
	}
	sum := 0.0
	for i, label := range labels {
		sum -= math.Log(probabilities[i][label])
	}
	return sum / float64(len(labels)), nil
}

// Decided is what is decided when one abstains from decisions that are less sure than Threshold.
type Decided struct {
	Threshold float64 // the smallest confidence that still counts
	Precision float64 // share of right decisions among those that reach it
	Coverage  float64 // share of all texts that reach it
}

// Precision finds the lowest threshold of confidence above which the most probable label is right in at least a share of wanted,
// and what it costs in coverage. ok is false if no threshold gives that. On the texts that were given the precision holds; on others it is an estimate,
// and a hopeful one, as the threshold was chosen to suit these.
func Precision(probabilities [][]float64, labels []int, wanted float64) (decided Decided, ok bool, err error) {
	if !(wanted > 0 && wanted <= 1) {
		return Decided{}, false, fmt.Errorf("calibrate: a wanted precision of %v, expected a share above 0 and up to 1", wanted)
	}
	decisions, err := decide(probabilities, labels)
	if err != nil {
		return Decided{}, false, err
	}
	slices.SortFunc(decisions, func(a, b decision) int { return cmp.Compare(b.confidence, a.confidence) })
	right := 0
	for i, d := range decisions {
		if d.right {
			right++
		}
		if i+1 < len(decisions) && decisions[i+1].confidence == d.confidence {
			continue // equals are decided together
		}
		if precision := float64(right) / float64(i+1); precision >= wanted {
			decided, ok = Decided{d.confidence, precision, float64(i+1) / float64(len(decisions))}, true
		}
	}
	return decided, ok, nil
}

// decision is a text's most probable label.
type decision struct {
	confidence float64
	right      bool
}

func decide(probabilities [][]float64, labels []int) ([]decision, error) {
	if err := check(probabilities, labels); err != nil {
		return nil, err
	}
	decisions := make([]decision, len(labels))
	for i, row := range probabilities {
		confidence := slices.Max(row)
		if confidence > 1 || slices.Min(row) < 0 {
			return nil, fmt.Errorf("calibrate: text %d has values outside of 0 to 1, which are no probabilities", i)
		}
		decisions[i] = decision{confidence, slices.Index(row, confidence) == labels[i]}
	}
	return decisions, nil
}
