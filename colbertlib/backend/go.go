package backend

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gomlx/compute/gobackend"
)

// openGo opens the Go backend. GoMLX prints a line to standard output when its option "parallelism" is set, and
// standard output belongs to our callers' data; so the same setting is made on the opened backend.
func openGo(_, options string) (Backend, error) {
	parallelism := -1
	var rest []string
	for option := range strings.SplitSeq(options, ",") {
		if value, ok := strings.CutPrefix(option, "parallelism="); ok {
			if _, err := fmt.Sscan(value, &parallelism); err != nil {
				return nil, fmt.Errorf("backend: %q: parallelism is not a number", options)
			}
			continue
		}
		rest = append(rest, option)
	}
	opened, err := gobackend.New(strings.Join(rest, ","))
	if err != nil {
		return nil, fmt.Errorf("backend: open Go backend: %w", err)
	}
	if err := setParallelism(opened, parallelism); err != nil {
		opened.Finalize()
		return nil, err
	}
	return opened, nil
}

var errNoPool = errors.New("backend: this version of the Go backend has no worker pool to configure; use the pinned version of compute")
