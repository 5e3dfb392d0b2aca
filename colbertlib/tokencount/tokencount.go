// Package tokencount tells how long texts are in a model's tokens, and how many of them are longer than what it reads.
//
// It follows the reported experiment's analyze_token_counts in its ranges. A text's tokens are those that the model would
// read if it had no limit: special tokens, the role's prefix and its marker included, query expansion not.
package tokencount

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"

	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
)

// Model is the part of a model that decides how many tokens a text has and how many are read. It is safe for concurrent use
// as long as nothing changes the roles.
type Model struct {
	Tokenizer       *tokenize.Tokenizer
	Query, Document modelio.Role // Length is the number of tokens that are read, 0 for no limit
}

// Open reads the model folder at the root of fsys. It reads no weights, and in a plain encoder's folder they need not be there.
func Open(fsys fs.FS) (*Model, error) {
	folder, err := modelio.Open(fsys, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return openTokenizer(fsys, err)
	}
	if err != nil {
		return nil, err
	}
	m := &Model{Query: folder.Query, Document: folder.Document}
	if err := folder.Close(); err != nil {
		return nil, err
	}
	return m, m.read(folder.Tokenizer, folder.Config)
}

// openTokenizer is Open for a folder that is incomplete, as cause says: of an encoder it is enough to have its small files.
func openTokenizer(fsys fs.FS, cause error) (*Model, error) {
	tokenizer, err := fs.ReadFile(fsys, "tokenizer.json")
	if err != nil {
		return nil, cause
	}
	config, err := fs.ReadFile(fsys, "config.json")
	if err != nil {
		return nil, cause
	}
	var m Model
	return &m, m.read(tokenizer, config)
}

func (m *Model) read(tokenizerJSON, configJSON []byte) (err error) {
	if m.Tokenizer, err = tokenize.New(tokenizerJSON); err != nil {
		return err
	}
	var config struct {
		Positions int `json:"max_position_embeddings"`
	}
	if err := json.Unmarshal(configJSON, &config); err != nil {
		return fmt.Errorf("tokencount: config.json: %w", err)
	}
	for _, role := range []*modelio.Role{&m.Query, &m.Document} {
		if role.Length == 0 {
			role.Length = config.Positions
		}
		if expansion := role.Expansion; expansion != nil && expansion.Strategy == "fixed" {
			role.Length = min(role.Length, expansion.Length)
		}
	}
	return nil
}

// Count is the number of tokens of one text in that role.
func (m *Model) Count(role modelio.Role, text string) int {
	n := len(m.Tokenizer.Encode(role.Prefix+text, 0).IDs)
	if _, ok := m.Tokenizer.ID(role.Marker); ok {
		n++
	}
	return n
}

// CountQuery is Count for a query: for whoever wants a function of the text alone.
func (m *Model) CountQuery(text string) int { return m.Count(m.Query, text) }

// countAll counts texts on all processors. progress, if not nil, is called now and then, by one goroutine at a time, with the
// number of texts done.
func (m *Model) countAll(ctx context.Context, role modelio.Role, texts []Text, progress func(done int)) ([]int, error) {
	const chunk = 16 // texts that a worker takes at once
	counts := make([]int, len(texts))
	var mutex sync.Mutex // guards next and done, and keeps calls of progress apart
	next, done := 0, 0
	take := func(finished int) (from, to int) {
		mutex.Lock()
		defer mutex.Unlock()
		if done += finished; finished > 0 && progress != nil {
			progress(done)
		}
		from, next = next, min(next+chunk, len(texts))
		return from, next
	}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for from, to := take(0); from < to && ctx.Err() == nil; from, to = take(to - from) {
				for i := from; i < to; i++ {
					counts[i] = m.Count(role, texts[i].Text)
				}
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("tokencount: %w", err)
	}
	return counts, nil
}
