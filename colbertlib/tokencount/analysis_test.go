package tokencount_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jobtagger/jobtagger/colbertlib/tokencount"
)

// Percentiles, mean and ranges are those of numpy 2.3.5: percentile(counts, [0, 5, 25, 50, 75, 90, 95, 99, 100]), mean(counts) and
// histogram(counts, bins=[0, 64, 96, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 25116, inf]).
func TestDescribeAgreesWithNumpy(t *testing.T) {
	skewed := make([]int, 1000)
	for i := range skewed {
		skewed[i] = i*i*37%30011 + 1
	}
	for name, test := range map[string]struct {
		counts      []int
		mean        float64
		percentiles tokencount.Percentiles
		ranges      []int
	}{
		"odd number": {
			[]int{7, 300, 64, 63, 95, 96, 127, 128, 2, 1023, 1024},
			266.27272727272725,
			tokencount.Percentiles{P0: 2, P5: 4.5, P25: 63.5, P50: 96, P75: 214, P90: 1023, P95: 1023.5, P99: 1023.9, P100: 1024},
			[]int{3, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0, 0},
		},
		"even number": {
			[]int{10, 20, 30, 41},
			25.25,
			tokencount.Percentiles{P0: 10, P5: 11.5, P25: 17.5, P50: 25, P75: 32.75, P90: 37.7, P95: 39.35, P99: 40.67, P100: 41},
			[]int{4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		},
		"one": {
			[]int{512},
			512,
			tokencount.Percentiles{P0: 512, P5: 512, P25: 512, P50: 512, P75: 512, P90: 512, P95: 512, P99: 512, P100: 512},
			[]int{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0},
		},
		"skewed": {
			skewed,
			14802.139,
			tokencount.Percentiles{P0: 1, P5: 1233.95, P25: 7195.5, P50: 14455.5, P75: 22704.25, P90: 26902.1, P95: 28526.85, P99: 29710.3, P100: 29982},
			[]int{4, 1, 2, 6, 11, 18, 36, 58, 149, 276, 268, 171},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := tokencount.Describe(test.counts, 0)
			if math.Abs(d.Mean-test.mean) > 1e-9 || d.Count != len(test.counts) {
				t.Errorf("%d texts with mean %v, want %d with %v", d.Count, d.Mean, len(test.counts), test.mean)
			}
			if diff := cmp.Diff(test.percentiles, d.Percentiles, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("percentiles (-want +got):\n%s", diff)
			}
			var ranges []int
			for _, r := range d.Ranges {
				ranges = append(ranges, r.Count)
			}
			if diff := cmp.Diff(test.ranges, ranges); diff != "" {
				t.Errorf("ranges (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDescribeCountsTruncatedTexts(t *testing.T) {
	counts := []int{63, 64, 65, 1000}
	for limit, want := range map[int]int{0: 0, 63: 3, 64: 2, 1000: 0} {
		if d := tokencount.Describe(counts, limit); d.Truncated != want || d.Limit != limit {
			t.Errorf("limit %d: %d truncated of a limit of %d, want %d", limit, d.Truncated, d.Limit, want)
		}
	}
	if diff := cmp.Diff([]int{63, 64, 65, 1000}, counts); diff != "" {
		t.Errorf("the caller's counts were changed (-want +got):\n%s", diff)
	}
	none := tokencount.Describe(nil, 64)
	if len(none.Ranges) != 12 || none.Mean != 0 || none.Ranges[11].String() != "25116 or more" || none.Ranges[1].String() != "64-95" {
		t.Errorf("no texts: %+v", none)
	}
}
