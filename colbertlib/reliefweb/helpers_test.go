package reliefweb

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// answer is a page as the API sends it.
func answer(items ...string) string {
	return fmt.Sprintf(`{"time":1,"href":"h","links":{"self":{"href":"h"}},"took":1,"totalCount":%d,"count":%d,"data":[%s]}`, len(items), len(items), strings.Join(items, ","))
}

// item is a job in a page; its title tells its version.
func item(id int, title string) string {
	return fmt.Sprintf(`{"id":"%d","score":1,"href":"h","fields":{"id":%d,"title":%q,"body":"Digs & drills <wells>."}}`, id, id, title)
}

// raw is a folder of raw pages with these answers.
func raw(t *testing.T, kind Kind, answers ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := openStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	s.manifest.Updates = append(s.manifest.Updates, UpdateInfo{Endpoint: "made-up"})
	for i, content := range answers {
		page := StoredPage{Kind: kind, Request: "POST /v2/jobs", Received: time.Date(2026, 11, 1, 0, i, 0, 0, time.UTC)}
		if err := s.add(page, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// titles are those of the jobs in a folder, in order, and the errors instead of broken ones.
func titles(dir string) (list []string) {
	for job, err := range ReadJobs(dir) {
		if err != nil {
			list = append(list, err.Error())
			continue
		}
		list = append(list, fmt.Sprintf("%d %s", job.ID, job.Title))
	}
	return list
}
