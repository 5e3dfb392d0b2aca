package reliefweb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

// stored are the titles in a folder by id.
func stored(t *testing.T, dir string) map[int]string {
	t.Helper()
	all := map[int]string{}
	for job, err := range ReadJobs(dir) {
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := all[int(job.ID)]; ok {
			t.Errorf("job %d comes twice", job.ID)
		}
		all[int(job.ID)] = job.Title
	}
	return all
}

func checkComplete(t *testing.T, api *fakeapi.API, dir string) {
	t.Helper()
	if diff := cmp.Diff(api.IDs(), slices.Sorted(maps.Keys(stored(t, dir)))); diff != "" {
		t.Error(diff)
	}
}

// 2,500 jobs, of which the API serves 1,100 at most in one query.
func TestUpdateGoesBeyondTheCeiling(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{Ceiling: 1100})
	fill(t, api, 2500)
	dir := t.TempDir()
	var last Progress
	summary, err := Update(t.Context(), c, dir, UpdateOptions{Progress: func(p Progress) { last = p }})
	if err != nil {
		t.Fatal(err)
	}
	checkComplete(t, api, dir)
	if api.Calls() != 4 || summary.Pages != 3 || summary.Jobs != 2500 || summary.Resumed || len(summary.Categories.List) != 10 {
		t.Errorf("%d calls, %+v", api.Calls(), summary)
	}
	if last.Done != 1999 || last.Total != 2500 || last.CallsLeft != 0 {
		t.Errorf("progress before the last call: %+v", last)
	}
	files := must(filepath.Glob(filepath.Join(dir, "*")))
	if len(files) != 6 { // one of them the lock
		t.Errorf("%q", files)
	}
	for _, file := range files {
		content := must(os.ReadFile(file))
		if strings.HasSuffix(file, pageSuffix) {
			content = must(unzip(content))
		}
		if bytes.Contains(content, []byte(fakeapi.Appname)) {
			t.Errorf("%s holds the appname", file)
		}
	}
}

// Whole seconds full of changes, as an editor's script makes them, are paged by offset.
func TestUpdateTakesManyChangesOfOneSecond(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{})
	for i := range 2300 {
		put(t, api, i+1, fmt.Sprintf("2026-01-01T00:00:%02d+00:00", 5*(i/2200)))
	}
	dir := t.TempDir()
	if _, err := Update(t.Context(), c, dir, UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	checkComplete(t, api, dir)
}

func put(t *testing.T, api *fakeapi.API, id int, changed string) {
	t.Helper()
	if err := api.Put(map[string]any{"id": id, "title": fmt.Sprint("Job ", id), "date": map[string]any{"created": "2025-01-01T00:00:00+00:00", "changed": changed}}); err != nil {
		t.Fatal(err)
	}
}

// fill adds n jobs, half an hour apart.
func fill(t *testing.T, api *fakeapi.API, n int) {
	t.Helper()
	for i := range n {
		put(t, api, i+1, time.Date(2025, 1, 1, 0, 30*i, 0, 0, time.UTC).Format("2006-01-02T15:04:05+00:00"))
	}
}

func TestUpdateFetchesOnlyWhatChanged(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{Jobs: 300, Seed: 2})
	dir := t.TempDir()
	must(Update(t.Context(), c, dir, UpdateOptions{}))
	before := stored(t, dir)
	edited := api.IDs()[3]
	if !api.Touch(edited, " (edited)") {
		t.Fatal("no such job")
	}
	put(t, api, 1, time.Now().UTC().Format("2006-01-02T15:04:05+00:00"))
	calls := api.Calls()
	time.Sleep(time.Second) // an update ends with the second before it begins
	summary := must(Update(t.Context(), c, dir, UpdateOptions{}))
	if summary.Jobs != 2 || summary.Pages != 1 || api.Calls() != calls+2 {
		t.Errorf("%+v, %d calls", summary, api.Calls()-calls)
	}
	want := maps.Clone(before)
	want[edited] += " (edited)"
	want[1] = "Job 1"
	if diff := cmp.Diff(want, stored(t, dir)); diff != "" {
		t.Error(diff)
	}
	if summary := must(Update(t.Context(), c, dir, UpdateOptions{})); summary.Jobs > 2 { // those of the last hour once more
		t.Errorf("%+v though nothing happened", summary)
	}
}

// At every call of an update something goes wrong for good. The next update goes on there, and in the end nothing is lost, doubled or fetched again.
func TestUpdateResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(27 * 365 * day) // from the year 2000, in which the test begins
		api, c := newFake(t, fakeapi.Options{})
		fill(t, api, 3100)
		dir := t.TempDir()
		api.Fail(fakeapi.Truncated, "", fakeapi.HTML, "", fakeapi.Truncated, "", fakeapi.HTML, "", fakeapi.Truncated)
		failures, summary := 0, Summary{}
		for {
			var err error
			if summary, err = Update(t.Context(), c, dir, UpdateOptions{}); err == nil {
				break
			}
			var wrong *AnswerError
			if failures++; !errors.As(err, &wrong) || failures > 9 {
				t.Fatal(err)
			}
		}
		if failures != 5 || api.Calls() != 10 || summary.Pages != 4 || !summary.Resumed {
			t.Errorf("%d failures, %d calls, %+v", failures, api.Calls(), summary)
		}
		checkComplete(t, api, dir)
		m := must(ReadManifest(dir))
		if len(m.Updates) != 1 || len(m.Pages) != 5 || m.Updates[0].Finished.IsZero() {
			t.Errorf("%+v", m.Updates)
		}
	})
}

// An update that is gone on with after a quarter ends with what happened in the quarter.
func TestUpdateResumesAfterAQuarter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(27 * 365 * day)
		api, c := newFake(t, fakeapi.Options{})
		fill(t, api, 1500)
		dir := t.TempDir()
		began := now()
		api.Fail("", "", fakeapi.Truncated)
		if _, err := Update(t.Context(), c, dir, UpdateOptions{}); err == nil {
			t.Fatal("nothing went wrong")
		}
		time.Sleep(90 * day)
		api.Touch(7, " (edited)")
		put(t, api, 5000, date(time.Now()))
		summary := must(Update(t.Context(), c, dir, UpdateOptions{}))
		if got := stored(t, dir); len(got) != 1501 || got[7] != "Job 7 (edited)" {
			t.Errorf("%d jobs, %q", len(got), got[7])
		}
		if !summary.Resumed || summary.Jobs != 1501 || summary.Pages != 3 || summary.From != earliest || summary.To.Sub(began) != 90*day {
			t.Errorf("%+v", summary)
		}
		checkComplete(t, api, dir)
	})
}

func TestUpdateEndsWithItsContext(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{})
	fill(t, api, 2500)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Update(ctx, c, dir, UpdateOptions{Progress: func(p Progress) {
		if p.Done > 0 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || api.Calls() != 2 {
		t.Errorf("%v after %d calls", err, api.Calls())
	}
	if got := len(stored(t, dir)); got != 1000 {
		t.Errorf("%d jobs are stored", got)
	}
}

func TestUpdateKeepsFoldersApart(t *testing.T) {
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	api, c := newFake(t, fakeapi.Options{Jobs: 300, Seed: 3})
	dir := t.TempDir()
	summary := must(Update(t.Context(), c, dir, UpdateOptions{CreatedSince: since}))
	for job, err := range ReadJobs(dir) {
		if err != nil || job.Date.Created.Before(since) {
			t.Errorf("%v, created %v", err, job.Date.Created)
		}
	}
	if n := len(stored(t, dir)); n != summary.Jobs || n == 0 || n > 100 {
		t.Errorf("%d jobs, %+v", n, summary)
	}
	must(Update(t.Context(), c, dir, UpdateOptions{})) // goes on as begun
	calls := api.Calls()
	if _, err := Update(t.Context(), c, dir, UpdateOptions{CreatedSince: since.AddDate(0, 1, 0)}); err == nil || !strings.Contains(err.Error(), "since 2026-01-01; fetch those since 2026-02-01 into another folder") {
		t.Error(err)
	}
	other := must(NewClient("https://example.org/v2", fakeapi.Appname))
	if _, err := Update(t.Context(), other, dir, UpdateOptions{}); err == nil || !strings.Contains(err.Error(), "pages of https://api.reliefweb.int/v2") {
		t.Error(err)
	}
	if api.Calls() != calls {
		t.Errorf("%d calls for nothing", api.Calls()-calls)
	}
}

// Nobody has seen the list of categories answer in version 2 (the reference, B7): should it be gone, there are still the jobs.
func TestUpdateGoesWithoutCategories(t *testing.T) {
	api := must(fakeapi.New(fakeapi.Options{}))
	fill(t, api, 3)
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = strings.Replace(r.URL.Path, "career-categories", "gone", 1)
		api.ServeHTTP(w, r)
	}))
	dir := t.TempDir()
	summary, err := Update(t.Context(), c, dir, UpdateOptions{})
	if err != nil || summary.Jobs != 3 || len(summary.Warnings) != 1 || len(summary.Categories.List) != 0 {
		t.Errorf("%+v, %v", summary, err)
	}
	if _, err := ReadCategories(dir); err == nil {
		t.Error("there are categories")
	}
}

// An update that never got an answer binds the folder to nothing.
func TestUpdateBeginsAgain(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{})
	fill(t, api, 3)
	dir := t.TempDir()
	wrong := newClient(t, api)
	wrong.endpoint = must(wrong.endpoint.Parse("/v1"))
	if _, err := Update(t.Context(), wrong, dir, UpdateOptions{CreatedSince: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Fatal("v1 answers")
	}
	summary := must(Update(t.Context(), c, dir, UpdateOptions{}))
	if m := must(ReadManifest(dir)); summary.Resumed || summary.Jobs != 3 || len(m.Updates) != 1 || !m.Updates[0].Created.IsZero() {
		t.Errorf("%+v, %+v", summary, m.Updates)
	}
}

func TestForgottenJobsDoNotComeBack(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{Jobs: 20, Seed: 3})
	dir := t.TempDir()
	must(Update(t.Context(), c, dir, UpdateOptions{}))
	gone := api.IDs()[5]
	must(Forget(dir, ID(gone)))
	api.Touch(gone, " again")
	time.Sleep(time.Second)
	must(Update(t.Context(), c, dir, UpdateOptions{}))
	if _, ok := stored(t, dir)[gone]; ok || len(stored(t, dir)) != 19 {
		t.Errorf("%d came back, or others went", gone)
	}
}

func TestChangedJobs(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{Jobs: 500, Seed: 4, Ceiling: 60})
	from, to := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	got := map[ID]bool{}
	pages := 0
	for page, err := range c.ChangedJobs(t.Context(), Query{Preset: PresetAnalysis, Limit: 20, Filter: In("language.code", "en")}, from, to) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, job := range page.Jobs {
			if job.Date.Changed.Before(from) || job.Date.Changed.After(to) || job.Title == "" {
				t.Errorf("%+v", job)
			}
			got[job.ID] = true
		}
	}
	all := must(c.Jobs(t.Context(), Query{Preset: PresetAnalysis, Limit: NoJobs, Filter: And(In("language.code", "en"), Between("date.changed", from, to))}))
	if len(got) != all.Total || pages < 5 {
		t.Errorf("%d jobs on %d pages, the API counts %d", len(got), pages, all.Total)
	}
	for range c.ChangedJobs(t.Context(), Query{Preset: PresetAnalysis}, from, to) {
		break // a yield after this would panic
	}
	api.Fail(fakeapi.HTML)
	for page, err := range c.ChangedJobs(t.Context(), Query{}, from, to) {
		if err == nil {
			t.Errorf("%+v", page)
		}
	}
}

// What the API must not do, or the walk would never end or lose jobs.
func TestNextRefuses(t *testing.T) {
	dated := func(changed string) string {
		return fmt.Sprintf(`{"id":1,"fields":{"date":{"changed":%q}}}`, changed)
	}
	at := Cursor{Changed: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, test := range []struct {
		at      Cursor
		items   []string
		problem string
	}{
		{at, nil, "it has no jobs, but says that there are 99"},
		{at, []string{dated("2025-12-31T23:59:59+00:00")}, "not in the order"},
		{at, []string{item(1, "undated")}, "not in the order"},
		{Cursor{at.Changed, 9500}, []string{dated("2026-01-01T00:00:00+00:00")}, "more jobs than the API serves (10000) were changed at 2026-01-01"},
	} {
		e := must(decodeEnvelope([]byte(answer(test.items...))))
		e.Total = test.at.Offset + 99
		if next, err := test.at.next(e); err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%+v, %v, want %q", next, err, test.problem)
		}
	}
	e := must(decodeEnvelope([]byte(answer(dated("2026-01-01T00:00:07+00:00"), `{"id":"broken"}`))))
	e.Total = 99
	if next, err := at.next(e); err != nil || next.Changed.Second() != 7 {
		t.Errorf("after a page that ends with a broken job: %v, %v", next, err)
	}
}
