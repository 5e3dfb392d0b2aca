package benchmark

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// isEmbedding tells whether a parameter is a table that is looked up in.
func isEmbedding(name string) bool { return strings.Contains(name, "embeddings.") }

// peakMemory is the largest resident size of this process so far in bytes, 0 where the system does not tell it in a file.
func peakMemory() int64 {
	status, _ := os.ReadFile("/proc/self/status") // there is none but on Linux
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}
