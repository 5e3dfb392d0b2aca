package colbertlib_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/encoder"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
)

// sizes are config.json of the two encoders whose loading time issue 4 bounds, in the form of their published files.
var sizes = map[string]string{
	"medium_MiniLM_90MB": `{"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 30522, "hidden_size": 384, "num_hidden_layers": 6,
		"num_attention_heads": 12, "intermediate_size": 1536, "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12}`,
	"large_gte_base_550MB": `{"model_type": "new", "architectures": ["NewForMaskedLM"], "vocab_size": 30528, "hidden_size": 768, "num_hidden_layers": 12,
		"num_attention_heads": 12, "intermediate_size": 3072, "max_position_embeddings": 8192, "type_vocab_size": 0, "hidden_act": "gelu",
		"layer_norm_eps": 1e-12, "position_embedding_type": "rope", "rope_theta": 500000, "pack_qkv": true}`,
}

// BenchmarkLoad reads a folder with random weights. The aims are 0.5 s for 90 MB and 3 s for 550 MB, and at most 1.3 times the weights of memory,
// which peak/weights shows on Linux: the growth of the process's largest resident size. encoding/weights is that after a first text as well.
func BenchmarkLoad(b *testing.B) {
	for name, config := range sizes {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			weights := makeFolder(b, dir, config)
			b.SetBytes(weights)
			b.ReportAllocs()
			var before, loaded, encoded int64
			for b.Loop() {
				b.StopTimer()
				debug.FreeOSMemory()
				before = resetPeak(b)
				b.StartTimer()
				model, err := colbertlib.Load(dir, &colbertlib.Options{Backend: "go"})
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				loaded = peak(b)
				if _, err := model.EncodeQueries(b.Context(), []string{"Finance officer"}, nil); err != nil {
					b.Fatal(err)
				}
				encoded = peak(b)
				if err := model.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(float64(loaded-before)/float64(weights), "peak/weights")
			b.ReportMetric(float64(encoded-before)/float64(weights), "encoding/weights")
		})
	}
}

// makeFolder writes a model of random weights and returns their bytes. It has no masked language model head, whose few tensors would not be read.
func makeFolder(b *testing.B, dir, config string) int64 {
	b.Helper()
	parsed, err := encoder.ParseConfig([]byte(config))
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var tensors []modelio.Tensor
	total := int64(0)
	for _, param := range parsed.Params() {
		if param.MLM {
			continue
		}
		size := 1
		for _, dim := range param.Shape {
			size *= dim
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(rng.NormFloat64() / 50)
		}
		tensors = append(tensors, modelio.NewF32(param.Name, param.Shape, values))
		total += 4 * int64(size)
	}
	if err := modelio.SaveSafetensors(filepath.Join(dir, "model.safetensors"), tensors, nil); err != nil {
		b.Fatal(err)
	}
	for name, content := range map[string]string{"config.json": config, "tokenizer.json": bertTokenizer(b)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return total
}

// bertTokenizer is tokenizer.json with the whole vocabulary of bert-base-uncased, as large as the real ones.
func bertTokenizer(b *testing.B) string {
	b.Helper()
	file, err := os.Open("tokenize/testdata/bert-base-uncased-vocab.txt.gz")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	words, err := io.ReadAll(unpacked)
	if err != nil {
		b.Fatal(err)
	}
	vocabulary := map[string]int{}
	for i, word := range strings.Split(strings.TrimSuffix(string(words), "\n"), "\n") {
		vocabulary[word] = i
	}
	entries, err := json.Marshal(vocabulary)
	if err != nil {
		b.Fatal(err)
	}
	plain, err := os.ReadFile("tokenize/testdata/tokenizer.json")
	if err != nil {
		b.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(plain, &keys); err != nil {
		b.Fatal(err)
	}
	keys["model"] = json.RawMessage(fmt.Sprintf(`{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": %s}`, entries))
	keys["added_tokens"] = json.RawMessage("[]")
	content, err := json.Marshal(keys)
	if err != nil {
		b.Fatal(err)
	}
	return string(content)
}

// resetPeak makes the process's largest resident size its present one, and returns it.
func resetPeak(b *testing.B) int64 {
	b.Helper()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		b.Logf("peak/weights means nothing here: %v", err)
	}
	return peak(b)
}

// peak is the process's largest resident size in bytes since resetPeak, 0 where the system does not tell.
func peak(b *testing.B) int64 {
	b.Helper()
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	var kilobytes int64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kilobytes); err == nil {
			break
		}
	}
	return kilobytes << 10
}
