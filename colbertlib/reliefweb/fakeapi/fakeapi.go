// Package fakeapi is ReliefWeb's API, version 2, with synthetic advertisements, for tests and for trying the kit without an appname.
//
// [New] makes an http.Handler that answers as the real API does: its envelope, filters, presets, profiles, facets, paging, limits and errors, and its nuisances. Some jobs
// have no body, no category, several, or one that is in no list; some are posted twice; some items have a number as id, others a string; without an order, pages overlap;
// nothing beyond the first 10,000 matches is served. Faults come by a seeded schedule (Options.FaultRate) or when a test asks for them ([API.Fail]).
//
// Where the documentation of the real API is silent, the fake is strict: unknown fields and parameters are refused with 400, so that a client's mistakes show.
package fakeapi

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

// Appname is approved unless Options says otherwise.
const Appname = "example-jobtagger-x7k2"

// Options describe a fake. The zero value has no jobs and the real API's limits.
type Options struct {
	Jobs      int      // synthetic advertisements to begin with
	Seed      uint64   // of the advertisements and the faults
	Appnames  []string // approved; empty for Appname
	FaultRate float64  // the share of calls that fail, 0 to 1
	Calls     int      // that an appname may make a day (UTC); 0 for 1000
	Ceiling   int      // how many matches of a query are served; 0 for 10,000
}

// API is the fake. Its methods are safe for concurrent use.
type API struct {
	options    Options
	references map[string][]map[string]any // by the list's name

	mutex  sync.Mutex
	jobs   map[int]document
	rng    *rand.Rand // of the schedule of faults
	queue  []Fault
	served map[string]int // calls by day and appname
	calls  int
}

// document is a job. Live items have their id as a string; some have it as a number.
type document struct {
	fields    map[string]any
	numericID bool
}

// New makes a fake. It fails only if package synth does.
func New(options Options) (*API, error) {
	if len(options.Appnames) == 0 {
		options.Appnames = []string{Appname}
	}
	if options.Calls == 0 {
		options.Calls = 1000
	}
	if options.Ceiling == 0 {
		options.Ceiling = 10_000
	}
	generator, err := synth.New()
	if err != nil {
		return nil, fmt.Errorf("fakeapi: %w", err)
	}
	jobs, err := synthetic(generator, options.Jobs, options.Seed)
	if err != nil {
		return nil, err
	}
	return &API{options: options, references: vocabularies(generator), jobs: jobs, rng: rand.New(rand.NewPCG(options.Seed, faultStream)), served: map[string]int{}}, nil
}

// Put adds a job, or replaces the one with the same id. fields are those of the real API, such as {"id": 9000003, "title": "…"}.
func (a *API) Put(fields map[string]any) error {
	encoded, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	var plain map[string]any // of the types that decoding gives, which the rest relies on
	if err := json.Unmarshal(encoded, &plain); err != nil {
		return err
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.jobs[number(plain["id"])] = document{fields: plain}
	return nil
}

// Touch changes a job now: its title gets a suffix and its date of change becomes the present time. It reports whether there is such a job.
func (a *API) Touch(id int, suffix string) bool {
	a.mutex.Lock()
	job, ok := a.jobs[id]
	a.mutex.Unlock()
	if !ok {
		return false
	}
	fields := map[string]any{}
	for key, value := range job.fields {
		fields[key] = value
	}
	title, _ := fields["title"].(string)
	dates, _ := fields["date"].(map[string]any)
	fields["title"] = title + suffix
	fields["date"] = map[string]any{"created": dates["created"], "closing": dates["closing"], "changed": time.Now().UTC().Format(dateFormat)}
	return a.Put(fields) == nil
}

// IDs are those of all jobs, in order.
func (a *API) IDs() []int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	ids := make([]int, 0, len(a.jobs))
	for id := range a.jobs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Calls is how many calls have come, whatever became of them.
func (a *API) Calls() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.calls
}

var (
	jobPath       = regexp.MustCompile(`^/v2/jobs/(\d{1,9})$`)
	referencePath = regexp.MustCompile(`^/v2/references/([a-z-]+)$`)
)

// ServeHTTP answers a call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	fault, refusal := a.admit(r)
	if refusal == nil && fault != "" {
		if fault == Truncated {
			w = &truncating{w}
		} else {
			fault.serve(w, r)
			return
		}
	}
	if refusal == nil {
		refusal = a.answer(w, r, started)
	}
	if refusal != nil {
		refusal.serve(w, started)
	}
}

// admit checks path, method, appname and quota, in this order, counts the call, and draws the fault that it meets.
func (a *API) admit(r *http.Request) (Fault, *refusal) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.calls++
	path, appname := strings.TrimRight(r.URL.Path, "/"), r.URL.Query().Get("appname")
	switch {
	case path == "/v1" || strings.HasPrefix(path, "/v1/"):
		return "", &refusal{http.StatusGone, "Exception", "The API version 'v1' has been decommissioned. Please use version 'v2' instead."}
	case path != "/v2/jobs" && !jobPath.MatchString(path) && !referencePath.MatchString(path):
		return "", &refusal{http.StatusNotFound, "NotFoundHttpException", "No route found for \"" + r.Method + " " + path + "\""}
	case r.Method != http.MethodGet && (r.Method != http.MethodPost || path != "/v2/jobs"):
		return "", &refusal{http.StatusMethodNotAllowed, "MethodNotAllowedHttpException", "No route found for \"" + r.Method + " " + path + "\": Method Not Allowed"}
	case appname == "":
		return "", badRequest("Missing appname parameter")
	case !slices.Contains(a.options.Appnames, appname):
		return "", &refusal{http.StatusForbidden, "AccessDeniedHttpException", "You are not using an approved appname. Kindly request an appname from ReliefWeb here: https://apidoc.reliefweb.int/parameters#appname"}
	}
	key := time.Now().UTC().Format(time.DateOnly) + " " + appname
	if a.served[key] >= a.options.Calls {
		return "", &refusal{http.StatusTooManyRequests, "TooManyRequestsHttpException", "The number of calls allowed per day is exceeded."}
	}
	a.served[key]++
	return a.nextFault(), nil
}

// refusal is an error of the API.
type refusal struct {
	status        int
	kind, message string
}

func badRequest(message string) *refusal {
	return &refusal{http.StatusBadRequest, "BadRequestHttpException", message}
}

func (e *refusal) serve(w http.ResponseWriter, started time.Time) {
	type inner struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	}
	serveJSON(w, e.status, struct {
		Status int   `json:"status"`
		Time   int64 `json:"time"`
		Error  inner `json:"error"`
	}{e.status, milliseconds(started), inner{e.kind, e.message}})
}

func milliseconds(since time.Time) int64 { return max(time.Since(since).Milliseconds(), 1) }

func serveJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // a client that is gone needs no answer
}

// number is an id as a decoded document has it.
func number(value any) int {
	switch v := value.(type) {
	case float64:
		return int(v)
	case string:
		n, err := strconv.Atoi(v)
		if err == nil {
			return n
		}
	}
	return 0
}
