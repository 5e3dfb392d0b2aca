package reliefweb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
)

// The faults that may pass are tried again, and nothing else is: the reference's sections B2, B3 and B8.
func TestRetries(t *testing.T) {
	for _, test := range []struct {
		faults   []fakeapi.Fault
		calls    int
		problem  string        // empty if the call succeeds
		atLeast  time.Duration // that it takes
		notAfter time.Duration
	}{
		{nil, 1, "", 0, 0},
		{[]fakeapi.Fault{fakeapi.TooMany}, 2, "", time.Second, 2 * time.Second},
		{[]fakeapi.Fault{fakeapi.TooManySilent}, 2, "", time.Second / 2, 2 * time.Second},
		{[]fakeapi.Fault{fakeapi.Challenge}, 2, "", time.Second / 2, 2 * time.Second},
		{[]fakeapi.Fault{fakeapi.Unavailable, fakeapi.Challenge, fakeapi.TooMany}, 4, "", 3 * time.Second, 11 * time.Second},
		{[]fakeapi.Fault{fakeapi.Hang}, 2, "", 25 * time.Second, 27 * time.Second}, // 503 after 25 seconds
		{slices.Repeat([]fakeapi.Fault{fakeapi.Unavailable}, 9), attempts, "ReliefWeb answers 503 Service Unavailable; try again later", 7 * time.Second, 23 * time.Second},
		{slices.Repeat([]fakeapi.Fault{fakeapi.Challenge}, 9), attempts, "challenge for browsers; too many calls", 7 * time.Second, 23 * time.Second},
		{[]fakeapi.Fault{fakeapi.Truncated}, 1, "unexpected end of JSON", 0, 0},
		{[]fakeapi.Fault{fakeapi.HTML}, 1, `it is "text/html; charset=UTF-8", not JSON`, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			api, c := newFake(t, fakeapi.Options{})
			var told []string
			c.OnRetry = func(problem error, wait time.Duration) { told = append(told, fmt.Sprint(problem, wait)) }
			api.Fail(test.faults...)
			began := time.Now()
			_, err := c.Jobs(t.Context(), Query{})
			if took := time.Since(began); took < test.atLeast || took > test.notAfter {
				t.Errorf("%v: took %v, want %v to %v", test.faults, took, test.atLeast, test.notAfter)
			}
			if api.Calls() != test.calls || len(told) != test.calls-1 {
				t.Errorf("%v: %d calls, want %d; told of %d retries", test.faults, api.Calls(), test.calls, len(told))
			}
			if problem := fmt.Sprint(err); test.problem == "" && err != nil || !strings.Contains(problem, test.problem) {
				t.Errorf("%v: error %v, want %q", test.faults, err, test.problem)
			}
		})
	}
}

// Every status has its type of error, its remedy and its number of calls.
func TestRefusals(t *testing.T) {
	const envelope = `{"status":%d,"time":1,"error":{"type":"T","message":%q}}`
	for _, test := range []struct {
		status  int
		message string // empty for an HTML body
		header  http.Header
		calls   int
		remedy  string
	}{
		{400, "Missing appname parameter", nil, 1, "https://apidoc.reliefweb.int/parameters#appname"},
		{400, `Invalid "limit" specified. Valid values are between 0 and 1000`, nil, 1, "the request is wrong"},
		{403, "You are not using an approved appname.", nil, 1, "--appname or in $RELIEFWEB_APPNAME"},
		{403, "", nil, 1, "ask for one at https://apidoc.reliefweb.int/parameters#appname"},
		{404, "Not found", nil, 1, "preset analysis"},
		{405, "Method not allowed", nil, 1, "is the endpoint right?"},
		{410, "The API version 'v1' has been decommissioned.", nil, 1, "the one to use ends in /v2"},
		{410, "", nil, 1, "the one to use ends in /v2"},
		{429, "", nil, attempts, "tomorrow at the latest"},
		{429, "", http.Header{"Retry-After": {"90"}}, attempts, "try again in 1m30s"},
		{429, "", http.Header{"Retry-After": {"3600"}}, 1, "try again in 1h0m0s"},
		{429, "", http.Header{"Retry-After": {"nonsense"}}, attempts, "tomorrow at the latest"},
		{500, "Oops", nil, attempts, "try again later"},
		{502, "", nil, attempts, "try again later"},
		{504, "", http.Header{"Retry-After": {"2"}}, attempts, "try again later"},
		{202, "", http.Header{"X-Amzn-Waf-Action": {"challenge"}}, attempts, "wait some minutes"},
		{202, "", nil, attempts, "wait some minutes"},
		{202, "Accepted", nil, 1, "is the endpoint right?"},
		{302, "", http.Header{"Location": {"https://example.org/?appname=" + fakeapi.Appname}}, 1, "is the endpoint right?"},
	} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls++
				for key, values := range test.header {
					w.Header()[key] = values
				}
				if test.message == "" {
					w.Header().Set("Content-Type", "text/html")
					w.WriteHeader(test.status)
					fmt.Fprint(w, "<html>Request "+r.URL.String()+" blocked</html>")
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.status)
				fmt.Fprintf(w, envelope, test.status, test.message)
			}))
			_, err := c.Jobs(t.Context(), Query{})
			var status *StatusError
			if !errors.As(err, &status) || status.Status != test.status || status.Message != test.message {
				t.Fatalf("%d %q: error %#v", test.status, test.message, err)
			}
			if !strings.Contains(err.Error(), test.remedy) || !strings.HasPrefix(err.Error(), "reliefweb: POST jobs: ReliefWeb") {
				t.Errorf("%d %q: %v, want the remedy %q", test.status, test.message, err, test.remedy)
			}
			if calls != test.calls {
				t.Errorf("%d %q: %d calls, want %d", test.status, test.message, calls, test.calls)
			}
		})
	}
}

func TestRetryAfterMayBeADate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where it is midnight, 1 January 2000
		for header, want := range map[string]time.Duration{
			"7": 7 * time.Second, "Sat, 01 Jan 2000 00:01:00 GMT": time.Minute, "Fri, 31 Dec 1999 23:00:00 GMT": 0, "-5": 0, "": 0, "99999999999": 7 * 24 * time.Hour,
		} {
			if got := retryAfter(header); got != want {
				t.Errorf("%q: %v, want %v", header, got, want)
			}
		}
	})
}

// Whatever happens, nobody but the endpoint learns the appname.
func TestTheAppnameStaysSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var everything []string
		say := func(values ...any) { everything = append(everything, fmt.Sprintf("%v %+v", values, values)) }
		api, c := newFake(t, fakeapi.Options{Jobs: 3})
		say(c)
		c.OnRetry = func(problem error, _ time.Duration) { say(problem) }
		for _, fault := range []fakeapi.Fault{fakeapi.TooMany, fakeapi.Challenge, fakeapi.Truncated, fakeapi.HTML, fakeapi.Hang} {
			api.Fail(fault)
			page, err := c.Jobs(t.Context(), Query{Preset: PresetAnalysis, Limit: 1})
			say(string(page.Raw), string(page.Body), err)
		}
		c.HTTP.Transport = failing{}
		_, err := c.Job(t.Context(), 1)
		say(err)
		echo := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"error":{"type":"%s","message":"no such thing: %s"}}`, r.URL.RawQuery, r.URL)
		}))
		_, err = echo.Jobs(t.Context(), Query{})
		say(err)
		_, err = NewClient("ftp://x/?appname="+fakeapi.Appname, "with space")
		say(err)
		all := strings.Join(everything, "\n")
		if strings.Contains(all, fakeapi.Appname) || !strings.Contains(all, "appname="+redacted) {
			t.Error(all)
		}
	})
}

type failing struct{}

func (failing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no route to host")
}

func TestACancelledContextEndsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fault := range []fakeapi.Fault{fakeapi.Unavailable, fakeapi.Hang} {
			api, c := newFake(t, fakeapi.Options{})
			api.Fail(fault, fault, fault, fault)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			began := time.Now()
			_, err := c.Jobs(ctx, Query{})
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 100*time.Millisecond || api.Calls() != 1 {
				t.Errorf("%s: %v after %v and %d calls", fault, err, time.Since(began), api.Calls())
			}
		}
	})
}

func TestTimeOutsAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api, c := newFake(t, fakeapi.Options{})
		c.HTTP.Timeout = 5 * time.Second
		api.Fail(fakeapi.Hang, fakeapi.Hang)
		if _, err := c.Jobs(t.Context(), Query{}); err != nil || api.Calls() != 3 {
			t.Errorf("%v after %d calls", err, api.Calls())
		}
	})
}

// Over a real connection: answers that never end or break off, and what is said of the client.
func TestAnswersAreBounded(t *testing.T) {
	api := must(fakeapi.New(fakeapi.Options{}))
	var agent, accept string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent, accept = r.UserAgent(), r.Header.Get("Accept")
		api.ServeHTTP(w, r)
	}))
	defer server.Close()
	c := must(NewClient(server.URL+"/v2/", fakeapi.Appname))
	for fault, problem := range map[fakeapi.Fault]string{fakeapi.Huge: "longer than", fakeapi.Reset: "cut off", fakeapi.Truncated: "unexpected end"} {
		api.Fail(fault)
		_, err := c.Jobs(t.Context(), Query{})
		var wrong *AnswerError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v", fault, err)
		}
	}
	if agent != userAgent || accept != "application/json" {
		t.Errorf("the client calls itself %q and accepts %q", agent, accept)
	}
}

func TestNewClientRefuses(t *testing.T) {
	for _, test := range []struct{ endpoint, appname, problem string }{
		{Endpoint, "", "ask for one at"},
		{Endpoint, "a b", "letters, digits"},
		{Endpoint, "a&b", "letters, digits"},
		{"", "x", "no address"},
		{"api.reliefweb.int/v2", "x", "no address"},
		{"file:///v2", "x", "no address"},
		{"https://u:p@example.org/v2", "x", "no address"},
		{"https://example.org/v2?appname=x", "x", "no address"},
	} {
		if _, err := NewClient(test.endpoint, test.appname); err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

func TestJobByID(t *testing.T) {
	api, c := newFake(t, fakeapi.Options{Jobs: 200, Seed: 1})
	ids := api.IDs()
	last, expired := ID(ids[len(ids)-1]), ID(ids[0])
	job, err := c.Job(t.Context(), last)
	if err != nil || job.ID != last || job.Body == "" || job.HowToApply == "" || job.Date.Closing.IsZero() {
		t.Errorf("%+v, %v", job, err)
	}
	for _, id := range []ID{1, expired} {
		_, err := c.Job(t.Context(), id)
		var status *StatusError
		if !errors.As(err, &status) || status.Status != http.StatusNotFound {
			t.Errorf("%d: %v", id, err)
		}
	}
	page, err := c.Jobs(t.Context(), Query{Preset: PresetAnalysis, Filter: In("id", expired)}) // as the error advises
	if err != nil || len(page.Jobs) != 1 || page.Jobs[0].ID != expired {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestJobRefusesAnotherAnswer(t *testing.T) {
	for problem, content := range map[string]string{
		"2 items instead of one": answer(item(1, "a"), item(2, "b")), "job 2 instead": answer(item(2, "b")), "without an id": answer(`{}`), `no "data"`: `{}`,
	} {
		c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			fmt.Fprint(w, content)
		}))
		var wrong *AnswerError
		if _, err := c.Job(t.Context(), 1); !errors.As(err, &wrong) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%v, want %q", err, problem)
		}
	}
}

func TestReferences(t *testing.T) {
	_, c := newFake(t, fakeapi.Options{})
	categories, err := c.References(t.Context(), string(CareerCategories))
	if err != nil || len(categories) != 10 || categories[9].Name != "Other" || categories[0].Description == "" {
		t.Errorf("%+v, %v", categories, err)
	}
	types, err := c.References(t.Context(), "job-types")
	if diff := cmp.Diff([]Category{{263, "Job", ""}, {264, "Consultancy", ""}, {265, "Internship", ""}, {266, "Volunteer Opportunity", ""}}, types); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	for list, problem := range map[string]string{"../jobs": "no name of a reference list", "no-such-list": "404"} {
		if _, err := c.References(t.Context(), list); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v", list, err)
		}
	}
}

// Whatever an endpoint answers, the result is either jobs or one of the typed errors, and the appname is in neither.
func FuzzAnswers(f *testing.F) {
	f.Add(200, "application/json", []byte(answer(item(1, "a"))))
	f.Add(200, "application/json; charset=utf-8", []byte(answer()))
	f.Add(200, "text/html", []byte("<html>"))
	f.Add(202, "text/html", []byte("<script>"))
	f.Add(403, "application/json", []byte(`{"status":403,"time":35,"error":{"type":"AccessDeniedHttpException","message":"no"}}`))
	f.Add(429, "application/json", []byte(`{"error":[]}`))
	f.Add(500, "application/problem+json", []byte(`{"error":{"message":"appname=`+fakeapi.Appname+`"}}`))
	f.Add(200, "application/json", []byte(`{"count":1,"data":[{"id":"1","fields":{"title":"x?appname=`+fakeapi.Appname+`"}}]}`))
	f.Fuzz(func(t *testing.T, status int, kind string, body []byte) {
		if status < 200 || status > 999 {
			return // no answer
		}
		c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = w.Write(body)
		}))
		got, raw, err := c.try(t.Context(), http.MethodPost, "jobs", nil, []byte("{}"))
		var refused *StatusError
		var wrong *AnswerError
		switch {
		case err == nil && (status != http.StatusOK || got.Data == nil || got.Count != len(got.Data)):
			t.Errorf("%d is taken for %+v", status, got)
		case err != nil && !errors.As(err, &refused) && !errors.As(err, &wrong):
			t.Errorf("error %#v", err)
		case bytes.Contains(raw, []byte("appname="+fakeapi.Appname)) || err != nil && strings.Contains(err.Error(), fakeapi.Appname):
			t.Errorf("the appname is in %v or %s", err, raw)
		}
	})
}
