package reliefweb

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReadJobsGivesTheNewestVersionOnce(t *testing.T) {
	dir := raw(t, Jobs, answer(item(1, "old"), item(2, "kept"), item(1, "newer")), answer(), answer(item(3, "last"), item(1, "newest")))
	if diff := cmp.Diff([]string{"1 newest", "3 last", "2 kept"}, titles(dir)); diff != "" {
		t.Error(diff)
	}
}

func TestReadJobsNamesBrokenItems(t *testing.T) {
	dir := raw(t, Jobs, answer(item(1, "old")), answer(item(2, "fine"), `{"id":1,"fields":7}`, `"nothing"`))
	got := titles(dir)
	if len(got) != 3 || got[2] != "2 fine" {
		t.Fatalf("%q", got)
	}
	for i, item := range []string{"item 3", "item 2"} {
		if want := filepath.Join(dir, "000002-jobs.json.gz") + ", " + item; !strings.Contains(got[i], want) {
			t.Errorf("%q does not name %q", got[i], want)
		}
	}
}

func TestReadJobsStopsWhenToldTo(t *testing.T) {
	for range ReadJobs(raw(t, Jobs, answer(item(1, "a"), item(2, "b")), answer(item(3, "c")))) {
		break // a yield after this would panic
	}
}

func TestPagesAreAsReceived(t *testing.T) {
	content := answer(item(1, "a"))
	dir := raw(t, Jobs, content)
	m := must(ReadManifest(dir))
	compressed := must(os.ReadFile(filepath.Join(dir, m.Pages[0].File)))
	if got := must(unzip(compressed)); string(got) != content || hash(compressed) != m.Pages[0].SHA256 || m.Pages[0].Items != 1 {
		t.Errorf("page %+v holds %s", m.Pages[0], got)
	}
}

func TestReadersSayWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name, problem string
		damage        func(dir string) error
	}{
		{"page changed", "its SHA-256 differs", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "000001-jobs.json.gz"), []byte("x"), 0o644)
		}},
		{"page lost", "though the manifest lists it", func(dir string) error { return os.Remove(filepath.Join(dir, "000001-jobs.json.gz")) }},
		{"manifest lost", "jobtagger data fetch", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }},
		{"manifest cut", "unexpected end", func(dir string) error { return os.Truncate(filepath.Join(dir, manifestName), 20) }},
		{"manifest of another format", "format 2", edit(`"format": 1`, `"format": 2`)},
		{"way out of the folder", "no name of a page", edit("000001-", "../000001-")},
		{"page of no update", "no update 7", edit(`"update": 0`, `"update": 7`)},
		{"page of no update at all", "no update -1", edit(`"update": 0`, `"update": -1`)},
	} {
		dir := raw(t, Jobs, answer(item(1, "a")))
		if err := test.damage(dir); err != nil {
			t.Fatal(err)
		}
		if got := titles(dir); len(got) != 1 || !strings.Contains(got[0], test.problem) || !strings.Contains(got[0], dir) {
			t.Errorf("%s: %q, want a complaint about %q that names the folder", test.name, got, test.problem)
		}
		if _, err := Forget(dir, 1); err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: Forget: %v", test.name, err)
		}
	}
}

func edit(from, to string) func(dir string) error {
	return func(dir string) error {
		name := filepath.Join(dir, manifestName)
		content, err := os.ReadFile(name)
		return errors.Join(err, os.WriteFile(name, bytes.Replace(content, []byte(from), []byte(to), 1), 0o644))
	}
}

func TestUnzipIsBounded(t *testing.T) {
	if _, err := unzip(must(zip(make([]byte, maxPage+1)))); err == nil {
		t.Error("a page of any length is read")
	}
}

func TestReadCategories(t *testing.T) {
	category := func(id int, description string) string {
		return fmt.Sprintf(`{"id":"%d","fields":{"id":%d,"name":"C%d","description":%q}}`, id, id, id, description)
	}
	dir := raw(t, CareerCategories, answer(category(2, "old")), answer(category(9, ""), category(2, "new")))
	got := must(ReadCategories(dir))
	if diff := cmp.Diff([]Category{{2, "C2", "new"}, {9, "C9", ""}}, got.List); diff != "" || got.Received.Minute() != 1 {
		t.Errorf("%s, received %v", diff, got.Received)
	}
	same := must(ReadCategories(raw(t, CareerCategories, answer(category(2, "new"), category(9, "")))))
	other := must(ReadCategories(raw(t, CareerCategories, answer(category(2, "new"), category(9, "x")))))
	if got.Version != same.Version || got.Version == other.Version || !strings.HasPrefix(got.Version, "reliefweb-2-") {
		t.Errorf("versions %s, %s with other order, %s with other content", got.Version, same.Version, other.Version)
	}
	for problem, dir := range map[string]string{
		"comes twice":          raw(t, CareerCategories, answer(category(2, "a"), category(2, "a"))),
		"no name":              raw(t, CareerCategories, answer(`{"id":2,"fields":{}}`)),
		"no career categories": raw(t, Jobs, answer()),
	} {
		if list, err := ReadCategories(dir); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%v, error %v, want one about %q", list, err, problem)
		}
	}
}

func TestForget(t *testing.T) {
	dir := raw(t, Jobs, answer(item(1, "old"), item(2, "a")), answer(item(3, "b")), answer(item(1, "new")))
	if found, err := Forget(dir, 1, 77); err != nil || !slices.Equal(found, []ID{1}) {
		t.Fatalf("%v, %v", found, err)
	}
	if diff := cmp.Diff([]string{"3 b", "2 a"}, titles(dir)); diff != "" {
		t.Error(diff)
	}
	checkFolder(t, dir, "000001-jobs-2.json.gz", "000002-jobs.json.gz", "000003-jobs-2.json.gz")
	must(Forget(dir, 2))
	checkFolder(t, dir, "000001-jobs-3.json.gz", "000002-jobs.json.gz", "000003-jobs-2.json.gz")

	s := must(openStore(dir)) // what was forgotten does not come back
	if err := s.add(StoredPage{Kind: Jobs}, []byte(answer(item(77, "c"), item(4, "d")))); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"4 d", "3 b"}, titles(dir)); diff != "" {
		t.Error(diff)
	}
	if m := must(ReadManifest(dir)); !slices.Equal(m.Forgotten, []ID{1, 2, 77}) || m.Pages[3].Items != 1 {
		t.Errorf("forgotten %v, %d items", m.Forgotten, m.Pages[3].Items)
	}
	if _, err := Forget(dir, -1); err == nil {
		t.Error("-1 can be forgotten")
	}
	if _, err := Forget(filepath.Join(dir, "nowhere"), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// checkFolder makes sure that the folder holds these pages, the index and the lock, and nothing else.
func checkFolder(t *testing.T, dir string, pages ...string) {
	t.Helper()
	var got []string
	for _, entry := range must(os.ReadDir(dir)) {
		got = append(got, entry.Name())
	}
	if diff := cmp.Diff(append(append([]string{".lock"}, pages...), manifestName), got); diff != "" {
		t.Error(diff)
	}
}

func TestWritersTakeTurnsAndSweep(t *testing.T) {
	dir := raw(t, Jobs, answer(item(1, "a")))
	write := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("000002-jobs.json.gz") // by a process that was killed before it wrote the manifest
	write("000001-jobs-2.json.gz")
	write(".manifest.json.123.tmp")
	write(".000002-jobs-3.json.gz.123.tmp")
	mine := []string{"holiday.json.gz", "notes.tmp", "2-jobs.json.gz"} // files of the user's
	for _, name := range mine {
		write(name)
	}
	s := must(openStore(dir))
	for _, name := range mine {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Errorf("a file of the user's is gone: %v", err)
		}
	}
	checkFolder(t, dir, "000001-jobs.json.gz")
	if _, err := Forget(dir, 1); !errors.Is(err, ErrLocked) {
		t.Errorf("two writers: %v", err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	must(Forget(dir, 1))
}

func TestPagesWithoutAManifestAreNotOverwritten(t *testing.T) {
	dir := raw(t, Jobs, answer(item(1, "a")))
	if err := os.Remove(filepath.Join(dir, manifestName)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := openStore(dir); err == nil || !strings.Contains(err.Error(), "holds 000001-jobs.json.gz, but no manifest.json; restore that") {
			t.Errorf("%v", err)
		}
	}
}

// TestForgetSurvivesKill kills processes that forget, at any moment. The folder is always whole; once a process ends by itself, nothing is left of the job.
func TestForgetSurvivesKill(t *testing.T) {
	if dir := os.Getenv("RELIEFWEB_TEST_FORGET"); dir != "" {
		if _, err := Forget(dir, 7); err != nil {
			t.Fatal(err)
		}
		return
	}
	const pages = 25
	var answers []string
	for i := range pages {
		answers = append(answers, answer(item(7, fmt.Sprint("secret ", i)), item(100+i, "other")))
	}
	dir := raw(t, Jobs, answers...)
	for killed := 0; ; {
		command := exec.Command(os.Args[0], "-test.run=^TestForgetSurvivesKill$")
		command.Env = append(os.Environ(), "RELIEFWEB_TEST_FORGET="+dir)
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < 12 {
			time.AfterFunc(time.Duration(rand.IntN(80))*time.Millisecond, func() { _ = command.Process.Kill() })
		}
		err := command.Wait()
		if n := len(titles(dir)); n != pages && n != pages+1 {
			t.Fatalf("after %d kills: %q", killed, titles(dir))
		}
		if err == nil {
			t.Logf("killed %d times", killed)
			break
		}
		killed++
	}
	for _, entry := range must(os.ReadDir(dir)) {
		content := must(os.ReadFile(filepath.Join(dir, entry.Name())))
		if strings.HasSuffix(entry.Name(), pageSuffix) {
			content = must(unzip(content))
		}
		if bytes.Contains(content, []byte("secret")) {
			t.Errorf("%s still holds the job", entry.Name())
		}
	}
	if len(titles(dir)) != pages {
		t.Errorf("%q", titles(dir))
	}
}

func FuzzDecodeEnvelope(f *testing.F) {
	for _, seed := range []string{answer(item(1, "a")), answer(), `{"data":null}`, `{"count":2,"data":[1]}`, `<html>`, `{"data":[],"totalCount":-1}`, `{"data":[{}],"count":1,"embedded":{"facets":{"a":{}}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		answer, err := decodeEnvelope(content)
		if err != nil {
			return
		}
		rest, items, err := without(content, []ID{1})
		if err != nil {
			return // keys that differ in case only
		}
		after, err := decodeEnvelope(rest)
		if err != nil || len(after.Data) != items || items > len(answer.Data) {
			t.Errorf("%d of %d items left, counted %d: %v", len(after.Data), len(answer.Data), items, err)
		}
	})
}
