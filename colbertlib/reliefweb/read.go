package reliefweb

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxPage is the longest page that is read, in bytes before compression. A thousand jobs of the usual length are about ten megabytes.
const maxPage = 64 << 20

// ReadJobs gives the newest version of every job in a folder of raw pages, most recently changed first.
//
// One page is in memory at a time. Each page is compared with its hash. An error names the file, and the item if only that is broken; after
// such a broken item the rest follows if the caller goes on, and an older version of it does not take its place. After any other error there is nothing more.
// The same folder gives the same jobs in the same order.
func ReadJobs(dir string) iter.Seq2[Job, error] {
	return func(yield func(Job, error) bool) {
		m, err := ReadManifest(dir)
		if err != nil {
			yield(Job{}, err)
			return
		}
		seen := map[ID]bool{}
		for _, page := range slices.Backward(m.Pages) {
			if page.Kind == Jobs && !readPage(dir, page, seen, yield) {
				return
			}
		}
	}
}

// readPage yields the jobs of one page that are not in seen, and says whether to go on.
func readPage(dir string, page StoredPage, seen map[ID]bool, yield func(Job, error) bool) bool {
	answer, _, err := loadPage(dir, page)
	if err != nil {
		yield(Job{}, err)
		return false
	}
	for i, item := range slices.Backward(answer.Data) {
		job, err := DecodeJob(item)
		id := job.ID
		if err != nil {
			id = itemID(item)
		}
		if id != 0 && seen[id] {
			continue
		}
		seen[id] = true
		if err != nil {
			err = fmt.Errorf("reliefweb: %s, item %d: %w", filepath.Join(dir, page.File), i+1, err)
		}
		if !yield(job, err) {
			return false
		}
	}
	return true
}

// Categories is a list of career categories as ReliefWeb had it at a time.
type Categories struct {
	List     []Category
	Received time.Time
	// Version names this content, e.g. "reliefweb-10-1f0c9a52": how many there are, and the beginning of a SHA-256 over ids, names and descriptions. It
	// changes if and only if the content does. Results of different versions are not comparable.
	Version string
}

// ReadCategories gives the career categories in a folder of raw pages that were received last, ordered by id.
func ReadCategories(dir string) (Categories, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return Categories{}, err
	}
	for _, page := range slices.Backward(m.Pages) {
		if page.Kind != CareerCategories {
			continue
		}
		answer, _, err := loadPage(dir, page)
		if err != nil {
			return Categories{}, err
		}
		list, err := decodeCategories(answer.Data)
		if err != nil {
			return Categories{}, fmt.Errorf("reliefweb: %s: %w", filepath.Join(dir, page.File), err)
		}
		return Categories{List: list, Received: page.Received, Version: version(list)}, nil
	}
	return Categories{}, fmt.Errorf("reliefweb: %s holds no career categories; run jobtagger data fetch again", dir)
}

func decodeCategories(items []json.RawMessage) ([]Category, error) {
	list := make([]Category, len(items))
	seen := map[ID]bool{}
	for i, item := range items {
		category, err := DecodeCategory(item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i+1, err)
		}
		if seen[category.ID] {
			return nil, fmt.Errorf("item %d: category %d comes twice", i+1, category.ID)
		}
		seen[category.ID] = true
		list[i] = category
	}
	slices.SortFunc(list, func(a, b Category) int { return int(a.ID - b.ID) })
	return list, nil
}

func version(list []Category) string {
	sum := sha256.New()
	for _, c := range list {
		fmt.Fprintf(sum, "%d\x00%s\x00%s\x00", c.ID, c.Name, c.Description)
	}
	return fmt.Sprintf("reliefweb-%d-%s", len(list), hex.EncodeToString(sum.Sum(nil))[:8])
}

// loadPage reads a page, as an answer and as its bytes, and compares it with its hash.
func loadPage(dir string, page StoredPage) (answer envelope, content []byte, err error) {
	name := filepath.Join(dir, page.File)
	compressed, err := os.ReadFile(name)
	if err != nil {
		return envelope{}, nil, fmt.Errorf("reliefweb: %w, though the manifest lists it", err)
	}
	if hash(compressed) != page.SHA256 {
		return envelope{}, nil, fmt.Errorf("reliefweb: %s is not what was received: its SHA-256 differs from the manifest's; restore it, or fetch into another folder", name)
	}
	content, err = unzip(compressed)
	if err != nil {
		return envelope{}, nil, fmt.Errorf("reliefweb: %s: %w", name, err)
	}
	answer, err = decodeEnvelope(content)
	if err != nil {
		return envelope{}, nil, fmt.Errorf("reliefweb: %s: %w", name, err)
	}
	return answer, content, nil
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func unzip(compressed []byte) ([]byte, error) {
	in, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(in, maxPage+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxPage {
		return nil, fmt.Errorf("longer than %d bytes", maxPage)
	}
	return content, nil
}

func zip(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(content)
	err = errors.Join(err, w.Close()) // which writes the rest
	return out.Bytes(), err
}
