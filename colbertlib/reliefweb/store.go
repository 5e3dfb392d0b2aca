package reliefweb

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/gofrs/flock"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// ErrLocked says that another process writes to the folder of raw pages.
var ErrLocked = errors.New("another process writes to it")

// store is a folder of raw pages that is open for writing.
type store struct {
	dir      string
	lock     *flock.Flock
	manifest Manifest
}

// openStore locks a folder, making it if need be, and clears away what an interrupted process left.
func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("reliefweb: %w", err)
	}
	s := &store{dir: dir, lock: flock.New(filepath.Join(dir, ".lock")), manifest: Manifest{Format: format}}
	if ok, err := s.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("reliefweb: lock %s: %w", dir, err)
	} else if !ok {
		return nil, fmt.Errorf("reliefweb: %s: %w; wait for it, or use another folder", dir, ErrLocked)
	}
	m, err := ReadManifest(dir)
	hasManifest := err == nil
	if hasManifest {
		s.manifest = m
	} else if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = s.sweep(hasManifest)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// close lets other processes write.
func (s *store) close() error {
	if err := s.lock.Unlock(); err != nil {
		return fmt.Errorf("reliefweb: unlock %s: %w", s.dir, err)
	}
	return nil
}

var (
	pageName = regexp.MustCompile(`^\d{6}-(` + string(Jobs) + `|` + string(CareerCategories) + `)(-\d+)?` + regexp.QuoteMeta(pageSuffix) + `$`)
	// temporaryName is what atomicfile calls a file that is not complete.
	temporaryName = regexp.MustCompile(`^\.(\d{6}-[a-z-]+(-\d+)?` + regexp.QuoteMeta(pageSuffix) + `|` + regexp.QuoteMeta(manifestName) + `)\.\d+\.tmp$`)
)

// sweep removes pages that the manifest does not list, and temporary files, and nothing else. Without a manifest, which is there before any page is, pages are somebody's
// that lost it: they are an error.
func (s *store) sweep(hasManifest bool) error {
	listed := map[string]bool{}
	for _, page := range s.manifest.Pages {
		listed[page.File] = true
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("reliefweb: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		stray := pageName.MatchString(name) && !listed[name]
		if stray && !hasManifest {
			return fmt.Errorf("reliefweb: %s holds %s, but no %s; restore that, or fetch into another folder", s.dir, name, manifestName)
		}
		if !stray && !temporaryName.MatchString(name) {
			continue
		}
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
			return fmt.Errorf("reliefweb: %w", err)
		}
	}
	return nil
}

// add stores an answer; page says everything about it but the file's name, its hash and the number of items.
func (s *store) add(page StoredPage, content []byte) error {
	answer, err := decodeEnvelope(content)
	if err != nil {
		return fmt.Errorf("reliefweb: %w", err)
	}
	page.Items = len(answer.Data)
	if page.Kind == Jobs && len(s.manifest.Forgotten) > 0 {
		content, page.Items, err = without(content, s.manifest.Forgotten)
		if err != nil {
			return err
		}
	}
	page.File = fmt.Sprintf("%06d-%s%s", len(s.manifest.Pages)+1, page.Kind, pageSuffix)
	if page.SHA256, err = s.writePage(page.File, content); err != nil {
		return err
	}
	next := s.manifest
	next.Pages = append(slices.Clone(next.Pages), page)
	return s.commit(next)
}

func (s *store) writePage(name string, content []byte) (sha string, err error) {
	compressed, err := zip(content)
	if err != nil {
		return "", fmt.Errorf("reliefweb: %s: %w", name, err)
	}
	if err := atomicfile.WriteBytes(filepath.Join(s.dir, name), compressed); err != nil {
		return "", fmt.Errorf("reliefweb: %w", err)
	}
	return hash(compressed), nil
}

// commit makes next the folder's state.
func (s *store) commit(next Manifest) error {
	if err := next.write(s.dir); err != nil {
		return err
	}
	s.manifest = next
	return nil
}

// without is an answer that lacks the jobs with these ids, unchanged if it has none of them.
func without(content []byte, ids []ID) (rest []byte, items int, err error) {
	var answer map[string]json.RawMessage
	var data []json.RawMessage
	if err := json.Unmarshal(content, &answer); err != nil {
		return nil, 0, fmt.Errorf("reliefweb: %w", err)
	}
	if err := json.Unmarshal(answer["data"], &data); err != nil {
		return nil, 0, fmt.Errorf("reliefweb: %w", err)
	}
	kept := slices.DeleteFunc(slices.Clone(data), func(item json.RawMessage) bool { return slices.Contains(ids, itemID(item)) })
	if len(kept) == len(data) {
		return content, len(data), nil
	}
	for key, value := range map[string]any{"data": kept, "count": len(kept)} {
		if answer[key], err = json.Marshal(value); err != nil {
			return nil, 0, fmt.Errorf("reliefweb: %w", err)
		}
	}
	if rest, err = json.Marshal(answer); err != nil {
		return nil, 0, fmt.Errorf("reliefweb: %w", err)
	}
	return rest, len(kept), nil
}
