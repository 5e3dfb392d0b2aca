package notebook

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteKeepsWhatItDoesNotKnow(t *testing.T) {
	const in = `{"nbformat":4,"nbformat_minor":5,"metadata":{"b":1,"a":{"x":"<&>"}},"cells":[
		{"cell_type":"markdown","id":"m","metadata":{},"attachments":{"a.png":{"image/png":"AAAA"}},"source":"one\ntwo"},
		{"cell_type":"raw","id":"r","metadata":{"format":"text/x-rst"},"source":["raw"]}]}`
	nb, err := parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := nb.write(&out); err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal([]byte(in), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if w, g := encode(want), encode(got); !bytes.Equal(w, g) {
		t.Errorf("wrote %s, want %s", g, w)
	}
	if !strings.Contains(out.String(), `"x": "<&>"`) {
		t.Errorf("characters of HTML were escaped:\n%s", out.String())
	}
}

func TestCellsGetUniqueIdentifiers(t *testing.T) {
	nb, err := parse([]byte(`{"nbformat":4,"cells":[{"cell_type":"raw","id":"a","source":""},{"cell_type":"raw","id":"a","source":""},{"cell_type":"raw","source":""}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"a"`, `"cell-1"`, `"cell-2"`} {
		if got := string(nb.Cells[i]["id"]); got != want {
			t.Errorf("cell %d has the identifier %s, want %s", i, got, want)
		}
	}
}

func TestCollectorJoinsAndUpdates(t *testing.T) {
	var c collector
	for _, m := range [][2]string{
		{"stream", `{"name":"stdout","text":"a"}`},
		{"stream", `{"name":"stdout","text":"b\n"}`},
		{"stream", `{"name":"stderr","text":"e\n"}`},
		{"display_data", `{"data":{"text/html":"1"},"metadata":{},"transient":{"display_id":"p"}}`},
		{"display_data", `{"data":{"text/html":"other"},"transient":{}}`},
		{"update_display_data", `{"data":{"text/html":"2"},"transient":{"display_id":"p"}}`},
		{"execute_input", `{"code":"x"}`},
		{"execute_result", `{"data":{"text/plain":"3"},"metadata":{},"execution_count":4}`},
	} {
		if err := c.add(m[0], json.RawMessage(m[1])); err != nil {
			t.Fatal(err)
		}
	}
	want := `[{"name":"stdout","output_type":"stream","text":["ab\n"]},{"name":"stderr","output_type":"stream","text":["e\n"]},` +
		`{"data":{"text/html":["2"]},"metadata":{},"output_type":"display_data"},` +
		`{"data":{"text/html":["other"]},"metadata":{},"output_type":"display_data"},` +
		`{"data":{"text/plain":["3"]},"execution_count":4,"metadata":{},"output_type":"execute_result"}]`
	if got := string(encode(cleaner{}.outputs(c.outputs))); got != want || c.failed != nil {
		t.Errorf("got %s, %v\nwant %s", got, c.failed, want)
	}
}

func TestCleanerReplacesWholePathsOnly(t *testing.T) {
	c := newCleaner("/src/kit", "/scratch/notebook-1")
	for in, want := range map[string]string{
		"/src/kit/results and /src/kit.":        "./results and ..",
		"/src/kitchen stays":                    "/src/kitchen stays",
		"/scratch/notebook-1/gonb_2/main.go":    "tmp/gonb_2/main.go",
		"1 %\r2 %\rdone\nnext\r\nlast":          "done\nnext\nlast",
		"half a line\r":                         "",
		"/scratch/notebook-12 is another one's": "/scratch/notebook-12 is another one's",
	} {
		if got := c.text(in); got != want {
			t.Errorf("cleaned %q to %q, want %q", in, got, want)
		}
	}
}

func TestDecodeVerifies(t *testing.T) {
	key := []byte("key")
	sent := frames("id-1", "execute_request", json.RawMessage(`{"a":1}`), key)
	routed := append([][]byte{[]byte("topic")}, sent...)
	m, ok := decode(routed, key)
	if !ok || m.kind != "execute_request" || string(m.content) != `{"a":1}` {
		t.Errorf("got %+v, %v, want the message back", m, ok)
	}
	if _, ok := decode(routed, []byte("other")); ok {
		t.Error("a message signed with another key was accepted")
	}
	routed[len(routed)-1] = []byte(`{"a":2}`)
	if _, ok := decode(routed, key); ok {
		t.Error("a changed message was accepted")
	}
	if _, ok := decode(sent[:3], key); ok {
		t.Error("half a message was accepted")
	}
}

// FuzzParse checks that any file is either rejected or written in a form that is read as the same notebook again.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"good.ipynb", "good.executed.ipynb"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(`{"nbformat":4,"cells":[null]}`))
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"code","source":"// expect: x","outputs":[null]}]}`))
	f.Add([]byte(`{"nbformat":4,"cells":[{"cell_type":"","source":"","outputs":[null]}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		nb, err := parse(content)
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		if err := nb.write(&first); err != nil {
			t.Fatal(err)
		}
		for _, c := range nb.Cells {
			_ = c.findings()
			_ = missing(c.source(), c.outputs())
		}
		again, err := parse(first.Bytes())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, first.Bytes())
		}
		if err := again.write(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("written again it differs (%v):\n%s\n%s", err, first.Bytes(), second.Bytes())
		}
	})
}

// FuzzMessage checks that whatever the kernel may publish becomes outputs that can be read again.
func FuzzMessage(f *testing.F) {
	f.Add("stream", []byte(`{"name":"stderr","text":"a\rb\nexit status 1\n"}`))
	f.Add("display_data", []byte(`{"data":{"text/html":["a","b"],"image/png":"AA"},"transient":{"display_id":"p"}}`))
	f.Add("update_display_data", []byte(`{"data":null,"transient":{"display_id":"p"}}`))
	f.Add("error", []byte(`{"ename":"E","evalue":"v","traceback":["t"]}`))
	f.Fuzz(func(t *testing.T, kind string, content []byte) {
		key := []byte("key")
		m, ok := decode(frames("id", kind, content, key), key)
		if !ok {
			t.Fatal("a message of ours is rejected")
		}
		c := collector{outputs: []*output{{Kind: "display_data", display: "p"}}}
		if c.add(m.kind, m.content) != nil {
			return
		}
		written := encode(newCleaner("/src", "/tmp").outputs(c.outputs))
		var again []*output
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("outputs %s cannot be read: %v", written, err)
		}
	})
}
