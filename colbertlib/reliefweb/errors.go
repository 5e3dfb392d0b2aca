package reliefweb

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// StatusError is an answer by which the API, or what stands in front of it, refuses. errors.As finds it in what the methods of Client return.
type StatusError struct {
	Status     int           // HTTP's
	Type       string        // the API's word for it; empty if the answer is not the API's JSON
	Message    string        // as the API worded it; likewise
	RetryAfter time.Duration // how long the API asks to wait; 0 if it does not say
	Challenge  bool          // the firewall wants to see a browser
}

// Error says what was answered and what to do about it.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("ReliefWeb answers %d %s", e.Status, http.StatusText(e.Status))
	if e.Challenge {
		text = fmt.Sprintf("ReliefWeb's firewall answers %d with a challenge for browsers", e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text + "; " + e.remedy()
}

// HowToGetAppname says what an appname is and where to ask for one.
const HowToGetAppname = "an appname is the name of your program, which ReliefWeb must approve: ask for one at https://apidoc.reliefweb.int/parameters#appname " +
	"(the answer comes by e-mail, in about a working day), then give it as --appname or in $RELIEFWEB_APPNAME"

func (e *StatusError) remedy() string {
	switch {
	case e.Challenge:
		return "too many calls in a short time bring that about; wait some minutes and try again"
	case e.Status == http.StatusForbidden, e.Status == http.StatusBadRequest && strings.Contains(e.Message, "appname"):
		return HowToGetAppname
	case e.Status == http.StatusBadRequest:
		return "the request is wrong, so that trying again is of no use"
	case e.Status == http.StatusNotFound:
		return "there is no such thing; an expired job is not found by its id, but by a query with the preset analysis and a filter on id"
	case e.Status == http.StatusGone:
		return "the endpoint is of a version that was shut; the one to use ends in /v2"
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return fmt.Sprintf("try again in %s", e.RetryAfter)
	case e.Status == http.StatusTooManyRequests:
		return "the calls of a day may be used up; try again later, tomorrow at the latest"
	case e.Status >= 500:
		return "try again later"
	}
	return "is the endpoint right?"
}

// temporary says whether the same request may be answered soon. All else is final.
func (e *StatusError) temporary() bool {
	return e.Challenge || e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// AnswerError is an answer with status 200 that is not what the API promises: no JSON, cut off, too long, without data.
type AnswerError struct{ Problem error }

// Error says what is wrong with the answer.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("ReliefWeb's answer cannot be used: %v; try again, and see whether the endpoint is right", e.Problem)
}

// Unwrap is the problem.
func (e *AnswerError) Unwrap() error { return e.Problem }

// BudgetError says that a call was not made, because those of a day are used up.
type BudgetError struct {
	Limit int       // calls in 24 hours
	Free  time.Time // when the next call may be made
}

// Error says when to go on.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("the %d calls that ReliefWeb allows a day are used up; the next is free at %s, try again then", e.Limit, e.Free.Format("2006-01-02 15:04 MST"))
}
