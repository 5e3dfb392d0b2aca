package hub_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/jobtagger/jobtagger/colbertlib/hub"
)

func ExampleParseRef() {
	ref, err := hub.ParseRef("Alibaba-NLP/gte-en-mlm-base@main")
	fmt.Println(ref.Repo, ref.Revision, ref, err)
	_, err = hub.ParseRef("../my/model")
	fmt.Println(err)
	// Output:
	// Alibaba-NLP/gte-en-mlm-base main Alibaba-NLP/gte-en-mlm-base <nil>
	// hub: "../my/model" is not organisation/name or organisation/name@revision
}

// offline is a client with an empty cache that may ask nobody, so that the examples give the same everywhere.
func offline() *hub.Client {
	client, err := hub.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	client.Offline, client.Cache = true, os.DevNull
	return client
}

// tiny is the only model of the Hub that online asks.
var tiny = hub.Ref{Repo: "org/tiny", Revision: "main"}

// online is a client with an empty cache, and a Hub on this machine in place of https://huggingface.co. Both last until end is called.
func online() (client *hub.Client, end func()) {
	const commit, hash = "0123456789abcdef0123456789abcdef01234567", "9e26dfeeb6e641a33dae4961196235bdb965b21b" // git's, of {}
	files := fstest.MapFS{}
	var list []string
	for _, name := range []string{"config.json", "model.safetensors", "tokenizer.json"} {
		files["org/tiny/resolve/"+commit+"/"+name] = &fstest.MapFile{Data: []byte("{}")}
		list = append(list, fmt.Sprintf(`{"rfilename": %q, "size": 2, "blobId": %q}`, name, hash))
	}
	files["api/models/org/tiny/revision/main"] = &fstest.MapFile{Data: fmt.Appendf(nil, `{"sha": %q, "siblings": [%s]}`, commit, strings.Join(list, ", "))}
	server := httptest.NewServer(http.FileServerFS(files))
	cache, err := os.MkdirTemp("", "hub")
	if err != nil {
		log.Fatal(err)
	}
	return &hub.Client{Endpoint: server.URL, Cache: cache, HTTP: server.Client()}, func() { server.Close(); os.RemoveAll(cache) }
}

func ExampleClient_Snapshot() {
	client, end := online()
	defer end()
	dir, err := client.Snapshot(context.Background(), tiny) // downloads
	fmt.Println(filepath.Base(dir), err)
	client.Offline = true
	again, err := client.Snapshot(context.Background(), tiny) // has it
	fmt.Println(again == dir, err)
	_, err = client.Snapshot(context.Background(), hub.Ref{Repo: "org/other", Revision: "main"})
	fmt.Println(errors.Is(err, hub.ErrIncomplete), errors.Is(err, hub.ErrOffline))
	// Output:
	// 0123456789abcdef0123456789abcdef01234567 <nil>
	// true <nil>
	// true true
}

func ExampleClient_Describe() {
	m := offline().Describe(hub.Ref{Repo: "Alibaba-NLP/gte-en-mlm-base", Revision: "main"})
	fmt.Println(m.Ref, m.Complete, m.Bytes)
	// Output: Alibaba-NLP/gte-en-mlm-base false 0
}

func ExampleFromEnvironment() {
	client, err := hub.FromEnvironment()
	if err != nil {
		log.Fatal(err)
	}
	client.Progress = func(file string, done, total int64) { fmt.Printf("%s: %d of %d bytes\n", file, done, total) }
	fmt.Println(client.Endpoint != "", client.Cache != "")
	// Output: true true
}

func ExampleClient_Pull() {
	client, end := online()
	defer end()
	client.Progress = func(file string, done, total int64) { fmt.Printf("%s: %d of %d bytes\n", file, done, total) }
	dir, err := client.Pull(context.Background(), tiny) // a file's content is fetched once: this model's three are the same
	fmt.Println(filepath.Base(dir), err)
	// Output:
	// config.json: 2 of 2 bytes
	// 0123456789abcdef0123456789abcdef01234567 <nil>
}

func ExampleClient_Remote() {
	client, end := online()
	defer end()
	fsys, err := client.Remote(context.Background(), tiny) // as modelio.Inspect(fsys, ".") wants it, which reads a few kilobytes
	if err != nil {
		log.Fatal(err)
	}
	content, err := fs.ReadFile(fsys, "config.json")
	fmt.Printf("%s %v\n", content, err)
	// Output: {} <nil>
}

func ExampleClient_Cached() {
	_, err := offline().Cached(hub.Ref{Repo: "Alibaba-NLP/gte-en-mlm-base", Revision: "main"})
	fmt.Println(errors.Is(err, hub.ErrIncomplete))
	// Output: true
}

func ExampleClient_List() {
	client, end := online()
	defer end()
	if _, err := client.Pull(context.Background(), tiny); err != nil {
		log.Fatal(err)
	}
	models, err := client.List()
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range models {
		fmt.Println(m.Ref, m.Complete, m.Bytes)
	}
	// Output: org/tiny true 6
}
