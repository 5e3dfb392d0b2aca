package hub_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

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

func ExampleClient_Snapshot() {
	ref := hub.Ref{Repo: "Alibaba-NLP/gte-en-mlm-base", Revision: "main"}
	dir, err := offline().Snapshot(context.Background(), ref) // online, it would be downloaded
	fmt.Println(dir == "", errors.Is(err, hub.ErrIncomplete), errors.Is(err, hub.ErrOffline))
	// Output: true true true
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
	_, err := offline().Pull(context.Background(), hub.Ref{Repo: "Alibaba-NLP/gte-en-mlm-base", Revision: "main"})
	fmt.Println(err)
	// Output: hub: Alibaba-NLP/gte-en-mlm-base: the Hub must not be asked (HF_HUB_OFFLINE)
}

func ExampleClient_Remote() {
	fsys, err := offline().Remote(context.Background(), hub.Ref{Repo: "Alibaba-NLP/gte-en-mlm-base", Revision: "main"})
	fmt.Println(fsys == nil, errors.Is(err, hub.ErrOffline)) // online, modelio.Inspect(fsys, ".") would read a few kilobytes
	// Output: true true
}

func ExampleClient_Cached() {
	_, err := offline().Cached(hub.Ref{Repo: "Alibaba-NLP/gte-en-mlm-base", Revision: "main"})
	fmt.Println(errors.Is(err, hub.ErrIncomplete))
	// Output: true
}

func ExampleClient_List() {
	client := offline()
	client.Cache = "no/such/folder"
	models, err := client.List()
	fmt.Println(len(models), err)
	// Output: 0 <nil>
}
