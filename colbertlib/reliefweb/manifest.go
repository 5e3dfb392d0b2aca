package reliefweb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

const (
	manifestName = "manifest.json"
	format       = 1
	pageSuffix   = ".json.gz"
)

// Kind says what a stored page holds. It is part of the file's name.
type Kind string

// The kinds of pages.
const (
	Jobs             Kind = "jobs"
	CareerCategories Kind = "career-categories"
)

// Manifest is the index of a folder of raw pages, its manifest.json.
type Manifest struct {
	Format    int          `json:"format"`
	Updates   []UpdateInfo `json:"updates"`
	Pages     []StoredPage `json:"pages"`               // in the order in which they were received
	Forgotten []ID         `json:"forgotten,omitempty"` // jobs that must not come back, sorted
}

// UpdateInfo is one update of the folder, from its first call to its last, however many processes that took.
type UpdateInfo struct {
	Endpoint string    `json:"endpoint"`
	Created  time.Time `json:"created_since,omitzero"` // only jobs that were created then or later were asked for
	From     time.Time `json:"changed_from"`           // only jobs that were changed from then
	To       time.Time `json:"changed_to"`             // to then; it is the time when the update began
	Finished time.Time `json:"finished,omitzero"`      // zero if it was interrupted; the next update goes on with it
}

// StoredPage is one answer of the API.
type StoredPage struct {
	File     string          `json:"file"`
	SHA256   string          `json:"sha256"` // of the file
	Kind     Kind            `json:"kind"`
	Update   int             `json:"update"`         // index in Updates
	Request  string          `json:"request"`        // method and path; appname left out
	Body     json.RawMessage `json:"body,omitempty"` // of the request
	Received time.Time       `json:"received"`
	Items    int             `json:"items"` // in the file
	Total    int             `json:"total"` // matches that the API counted from here on
	Next     *Cursor         `json:"next,omitempty"`
}

// Cursor is where the page that follows begins; a last page has none.
type Cursor struct {
	Changed time.Time `json:"changed"` // the earliest change that is asked for
	Offset  int       `json:"offset"`  // how many of the matches are skipped
}

// ReadManifest reads the index of a folder of raw pages. A folder without one gives an error that wraps fs.ErrNotExist.
func ReadManifest(dir string) (Manifest, error) {
	name := filepath.Join(dir, manifestName)
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("reliefweb: %s holds no raw pages (%w); jobtagger data fetch gets them", dir, err)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("reliefweb: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return Manifest{}, fmt.Errorf("reliefweb: %s: %w", name, err)
	}
	if err := m.check(); err != nil {
		return Manifest{}, fmt.Errorf("reliefweb: %s: %w", name, err)
	}
	return m, nil
}

// check refuses an index that could lead out of the folder or contradicts itself.
func (m Manifest) check() error {
	if m.Format != format {
		return fmt.Errorf("format %d, this program reads %d", m.Format, format)
	}
	for i, page := range m.Pages {
		switch {
		case !pageName.MatchString(page.File):
			return fmt.Errorf("page %d: %q is no name of a page", i+1, page.File)
		case page.Update < 0 || page.Update >= len(m.Updates):
			return fmt.Errorf("page %d: there is no update %d", i+1, page.Update)
		}
	}
	return nil
}

// write replaces the index.
func (m Manifest) write(dir string) error {
	err := atomicfile.Write(filepath.Join(dir, manifestName), func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		return encoder.Encode(m)
	})
	if err != nil {
		return fmt.Errorf("reliefweb: %w", err)
	}
	return nil
}
