package reliefweb

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Forget takes jobs out of a folder of raw pages and sees to it that later updates do not bring them back. It returns those that were there.
//
// Every version of a job goes. Pages that held one are written again under a new name, and the manifest has the new hashes. When Forget returns without
// an error, no file of the folder holds the jobs; interrupted, it has done nothing or leaves old pages that the next call, or the next update, removes.
func Forget(dir string, ids ...ID) (found []ID, err error) {
	for _, id := range ids {
		if id <= 0 {
			return nil, fmt.Errorf("reliefweb: forget: %d is no id of a job", id)
		}
	}
	if _, err := ReadManifest(dir); err != nil { // before a folder is made where there is none
		return nil, err
	}
	s, err := openStore(dir)
	if err != nil {
		return nil, err
	}
	found, err = s.forget(ids)
	if closing := s.close(); err == nil {
		err = closing
	}
	return found, err
}

func (s *store) forget(ids []ID) (found []ID, err error) {
	next := s.manifest
	next.Pages = slices.Clone(next.Pages)
	next.Forgotten = append(slices.Clone(next.Forgotten), ids...)
	slices.Sort(next.Forgotten)
	next.Forgotten = slices.Compact(next.Forgotten)
	var replaced []string
	for i := range next.Pages {
		page := &next.Pages[i]
		if page.Kind != Jobs {
			continue
		}
		had, err := s.rewrite(page, ids)
		if err != nil {
			return nil, err
		}
		if found = append(found, had...); len(had) > 0 {
			replaced = append(replaced, s.manifest.Pages[i].File)
		}
	}
	if err := s.commit(next); err != nil {
		return nil, err
	}
	for _, name := range replaced {
		if err := os.Remove(filepath.Join(s.dir, name)); err != nil {
			return nil, fmt.Errorf("reliefweb: %w", err)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// rewrite writes a page without the jobs, if it has any of them, and returns those that it had.
func (s *store) rewrite(page *StoredPage, ids []ID) (had []ID, err error) {
	answer, content, err := loadPage(s.dir, *page)
	if err != nil {
		return nil, err
	}
	for _, item := range answer.Data {
		if id := itemID(item); slices.Contains(ids, id) {
			had = append(had, id)
		}
	}
	if len(had) == 0 {
		return nil, nil
	}
	content, page.Items, err = without(content, ids)
	if err != nil {
		return nil, err
	}
	page.File = nextName(page.File, page.Kind)
	page.SHA256, err = s.writePage(page.File, content)
	return had, err
}

// nextName is 000002-jobs-2.json.gz after 000002-jobs.json.gz, and -3 after that.
func nextName(name string, kind Kind) string {
	number, _, _ := strings.Cut(name, "-")
	revision := 1
	_, _ = fmt.Sscanf(name, number+"-"+string(kind)+"-%d", &revision) // a first name has no number there, and stays 1
	return fmt.Sprintf("%s-%s-%d%s", number, kind, revision+1, pageSuffix)
}
