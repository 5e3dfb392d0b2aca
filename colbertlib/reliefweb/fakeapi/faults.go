package fakeapi

import (
	"net/http"
	"time"
)

// Fault is a way in which a call goes wrong although it is right.
type Fault string

// The faults.
const (
	TooMany       Fault = "429"             // too many requests; Retry-After says one second
	TooManySilent Fault = "429 silent"      // without Retry-After
	Challenge     Fault = "202 challenge"   // the firewall's page for browsers
	Unavailable   Fault = "503"             // an HTML page
	Truncated     Fault = "truncated"       // the right answer without its second half
	HTML          Fault = "200 HTML"        // a page that says nothing
	Hang          Fault = "hang"            // no answer for 25 seconds, then 503
	Huge          Fault = "huge"            // a JSON answer that is far longer than any real one
	Reset         Fault = "connection lost" // in the middle of the answer
)

// scheduled are the faults that Options.FaultRate brings: those that come and go.
var scheduled = []Fault{TooMany, TooManySilent, Challenge, Unavailable, Truncated, HTML, Reset}

// Streams of random numbers.
const (
	faultStream = iota + 1
	jobStream
	overlapStream
)

// Fail makes the next right calls go wrong, one after the other, before the schedule goes on. An empty fault lets a call through.
func (a *API) Fail(faults ...Fault) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.queue = append(a.queue, faults...)
}

// nextFault is what the next call meets; empty if nothing. The caller holds the mutex.
func (a *API) nextFault() Fault {
	if len(a.queue) > 0 {
		fault := a.queue[0]
		a.queue = a.queue[1:]
		return fault
	}
	if a.options.FaultRate > 0 && a.rng.Float64() < a.options.FaultRate {
		return scheduled[a.rng.IntN(len(scheduled))]
	}
	return ""
}

// serve is what all faults but Truncated answer.
func (f Fault) serve(w http.ResponseWriter, r *http.Request) {
	switch f {
	case TooMany:
		w.Header().Set("Retry-After", "1")
		(&refusal{http.StatusTooManyRequests, "TooManyRequestsHttpException", "Too many requests."}).serve(w, time.Now())
	case TooManySilent:
		(&refusal{http.StatusTooManyRequests, "TooManyRequestsHttpException", "Too many requests."}).serve(w, time.Now())
	case Challenge:
		w.Header().Set("X-Amzn-Waf-Action", "challenge")
		serveHTML(w, http.StatusAccepted, "<script>challenge()</script>")
	case HTML:
		serveHTML(w, http.StatusOK, "<h1>ReliefWeb</h1>")
	case Huge:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"data":["`))
		for block := make([]byte, 1<<20); r.Context().Err() == nil; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	case Reset:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write([]byte(`{"time":1,`)) // the server closes the connection, since more was promised
	case Hang:
		select {
		case <-r.Context().Done():
		case <-time.After(25 * time.Second):
		}
		serveHTML(w, http.StatusServiceUnavailable, "<h1>503 Service Unavailable</h1>")
	default: // Unavailable
		serveHTML(w, http.StatusServiceUnavailable, "<h1>503 Service Unavailable</h1>")
	}
}

func serveHTML(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!DOCTYPE html><html><body>" + body + "</body></html>")) // as in serveJSON
}

// truncating passes on the first half of what is written at once.
type truncating struct{ http.ResponseWriter }

func (t *truncating) Write(content []byte) (int, error) {
	if _, err := t.ResponseWriter.Write(content[:len(content)/2]); err != nil {
		return 0, err
	}
	return len(content), nil
}
