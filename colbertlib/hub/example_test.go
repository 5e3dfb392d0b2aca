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
