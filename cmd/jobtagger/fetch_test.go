package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

// fake is a fake API on a local port, and an empty working folder with a budget of its own.
func fake(t *testing.T, options fakeapi.Options) (api *fakeapi.API, endpoint string) {
	t.Helper()
	api, err := fakeapi.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv(appnameVariable, "")
	return api, server.URL + "/v2"
}

func TestFetch(t *testing.T) {
	api, endpoint := fake(t, fakeapi.Options{Jobs: 300, Seed: 5})
	t.Setenv(appnameVariable, fakeapi.Appname)
	api.Fail("", fakeapi.TooMany) // the second call is to be made twice
	status, stdout, stderr := jobtagger(t, "", "data", "fetch", "--endpoint", endpoint)
	if status != fine || !strings.Contains(stdout, "calls left today        997") || !strings.Contains(stdout, "10 (reliefweb-10-") {
		t.Fatalf("status %d\n%s%s", status, stdout, stderr)
	}
	if !strings.Contains(stderr, "trying again in") || !strings.Contains(stderr, "fetching: 1000 calls left today") || strings.Contains(stdout+stderr, fakeapi.Appname) {
		t.Errorf("it said\n%s", stderr)
	}
	if ids := fetched(t, "data/raw"); !slices.Equal(ids, api.IDs()) {
		t.Errorf("%d of %d jobs", len(ids), len(api.IDs()))
	}

	api.Touch(api.IDs()[0], " (edited)")
	time.Sleep(time.Second) // an update ends with the second before it begins
	var got struct {
		Folder  string
		Resumed bool
		Jobs    int
		Version string    `json:"label_version"`
		From    time.Time `json:"changed_from"`
		Left    int       `json:"calls_left"`
	}
	if err := json.Unmarshal([]byte(must(t, "", "data", "fetch", "--endpoint", endpoint, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Jobs != 1 || got.Resumed || got.Left != 995 || got.Folder != "data/raw" || time.Since(got.From) > 25*time.Hour || !strings.HasPrefix(got.Version, "reliefweb-10-") {
		t.Errorf("the second time: %+v", got)
	}
}

// fetched are the ids of the jobs in a folder, in order.
func fetched(t *testing.T, dir string) []int {
	t.Helper()
	ids := map[int]bool{}
	for job, err := range reliefweb.ReadJobs(dir) {
		if err != nil {
			t.Fatal(err)
		}
		ids[int(job.ID)] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

func TestFetchSaysWhatIsWrong(t *testing.T) {
	api, endpoint := fake(t, fakeapi.Options{Jobs: 3})
	for _, test := range []struct {
		fault   fakeapi.Fault
		args    string
		status  int
		message string
	}{
		{"", "--appname=", usage, "no appname; an appname is the name of your program, which ReliefWeb must approve: ask for one at https://apidoc.reliefweb.int/parameters#appname"},
		{"", "--appname=unknown", failure, "ReliefWeb answers 403 Forbidden: You are not using an approved appname."},
		{"", "--appname=x --since=2025", usage, "--since 2025: expected a date"},
		{"", "--appname=x --endpoint=nonsense", usage, `"nonsense" is no address of an API`},
		{"", "--appname=x --endpoint=" + strings.Replace(endpoint, "/v2", "/v1", 1), failure, "decommissioned. Please use version 'v2' instead.; the endpoint is of a version that was shut"},
		{"", "more", usage, "unknown"},
		{fakeapi.HTML, "--appname=" + fakeapi.Appname, failure, `it is "text/html; charset=UTF-8", not JSON`},
	} {
		if test.fault != "" {
			api.Fail(test.fault)
		}
		args := append([]string{"data", "fetch", "--output", "raw", "--endpoint", endpoint}, strings.Fields(test.args)...)
		if status, stdout, stderr := jobtagger(t, "", args...); status != test.status || stdout != "" || !strings.Contains(stderr, test.message) {
			t.Errorf("%s: status %d\n%s%s", test.args, status, stdout, stderr)
		}
	}
	api.Fail("", fakeapi.Truncated)
	status, _, stderr := jobtagger(t, "", "data", "fetch", "--output", "other", "--endpoint", endpoint, "--appname", fakeapi.Appname)
	if status != failure || !strings.Contains(stderr, "other keeps the 1 pages that it has; fetch goes on from there") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// TestFakeAPI is what the README shows: the fake in one terminal, fetch in another.
func TestFakeAPI(t *testing.T) {
	fake(t, fakeapi.Options{}) // for its folders
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		done <- run(ctx, strings.NewReader(""), in, &stderr, []string{"data", "fake-api", "--address", "127.0.0.1:0", "--ads", "50", "--faults", "0.1"})
	}()
	endpoint, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for range 20 { // some of the faults end a fetch; the next goes on
		if status, _, _ := jobtagger(t, "", "data", "fetch", "--endpoint", strings.TrimSpace(endpoint), "--appname", fakeapi.Appname, "--output", "data/raw-fake"); status == fine {
			break
		}
	}
	if ids := fetched(t, "data/raw-fake"); len(ids) != 50 {
		t.Errorf("%d jobs", len(ids))
	}
	cancel()
	if status := <-done; status != fine || !strings.Contains(stderr.String(), "jobtagger data fetch --endpoint "+strings.TrimSpace(endpoint)+" --appname "+fakeapi.Appname) {
		t.Errorf("status %d\n%s", status, stderr.String())
	}
	for _, args := range [][]string{{"--faults", "2"}, {"--ads", "-1"}} {
		if status, _, _ := jobtagger(t, "", append([]string{"data", "fake-api"}, args...)...); status != usage {
			t.Errorf("%v: status %d", args, status)
		}
	}
	if status, _, stderr := jobtagger(t, "", "data", "fake-api", "--ads", "0", "--address", "127.0.0.1:x"); status != failure || !strings.Contains(stderr, "takes a free port") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// TestFetchSurvivesKill kills the built program again and again, at moments that nobody chose, while calls fail: in the end no page is lost or doubled.
func TestFetchSurvivesKill(t *testing.T) {
	program := filepath.Join(t.TempDir(), "jobtagger")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	api, _ := fake(t, fakeapi.Options{Ceiling: 2500})
	const jobs = 6000 // more than the API serves of one query
	for i := range jobs {
		at := time.Date(2025, 1, 1, 0, 0, 20*i, 0, time.UTC).Format(time.RFC3339)
		if err := api.Put(map[string]any{"id": i + 1, "title": fmt.Sprint("Job ", i+1), "date": map[string]any{"created": at, "changed": at}}); err != nil {
			t.Fatal(err)
		}
	}
	faults := []fakeapi.Fault{"", "", "", "", "", "", fakeapi.Truncated, fakeapi.HTML, fakeapi.Reset, fakeapi.TooMany}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.Fail(faults[rand.IntN(len(faults))])
		api.ServeHTTP(w, r)
	}))
	defer server.Close()

	killed, failed := 0, 0
	for done := false; !done; {
		command := exec.Command(program, "data", "fetch", "--endpoint", server.URL+"/v2", "--appname", fakeapi.Appname)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < 15 {
			timer := time.AfterFunc(time.Duration(rng.IntN(300))*time.Millisecond, func() { _ = command.Process.Kill() })
			defer timer.Stop()
		}
		err := command.Wait()
		switch state := command.ProcessState; {
		case err == nil:
			done = true
		case state.ExitCode() == -1:
			killed++
		case state.ExitCode() == failure && failed < 100:
			failed++
		default:
			t.Fatalf("%v\n%s", err, stderr.String())
		}
	}
	t.Logf("killed %d times, failed %d times, %d calls", killed, failed, api.Calls())
	checkKilled(t, api, jobs, killed)
}

func checkKilled(t *testing.T, api *fakeapi.API, jobs, killed int) {
	t.Helper()
	if ids := fetched(t, "data/raw"); !slices.Equal(ids, api.IDs()) { // which compares every page with its hash
		t.Errorf("%d of %d jobs", len(ids), jobs)
	}
	manifest, err := reliefweb.ReadManifest("data/raw")
	if err != nil {
		t.Fatal(err)
	}
	requests, items := map[string]bool{}, 0
	for _, page := range manifest.Pages {
		requests[page.Request+string(page.Body)] = true
		if page.Kind == reliefweb.Jobs {
			items += page.Items
		}
	}
	if len(manifest.Updates) != 1 || len(manifest.Pages) != 8 || len(requests) != 8 || items != jobs+6 { // 6 borders of pages, at each of which one job comes twice
		t.Errorf("%d updates, %d pages, %d requests, %d items", len(manifest.Updates), len(manifest.Pages), len(requests), items)
	}
	files, err := filepath.Glob("data/raw/*.json.gz")
	if err != nil || len(files) != 8 {
		t.Errorf("%v %q", err, files)
	}
	content, err := os.ReadFile(filepath.Join(os.Getenv("XDG_CACHE_HOME"), "jobtagger", "reliefweb-calls.json"))
	if err != nil {
		t.Fatal(err)
	}
	var calls map[string]map[string]int
	if err := json.Unmarshal(content, &calls); err != nil || len(calls) != 1 {
		t.Fatalf("%v in %s", err, content)
	}
	counted := 0
	for _, minutes := range calls {
		for _, n := range minutes {
			counted += n
		}
	}
	if counted < api.Calls() || counted > api.Calls()+killed { // a call is counted before it is made
		t.Errorf("%d calls are counted, %d were made", counted, api.Calls())
	}
}
