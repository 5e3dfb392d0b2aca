package reliefweb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// ceiling is how many matches of one query the API serves, whatever the offset: Elasticsearch's usual window.
const ceiling = 10_000

// ChangedJobs gives all jobs that match the query and were last changed between from and to (both included, to the second), however many, least recently
// changed first. An error is the last that it gives.
//
// Each page asks for the time from the last change of the page before, so that no query comes near the API's ceiling of 10,000 matches. A job that is changed meanwhile
// moves to the end and is seen there; none is passed over. The jobs of the second at which two pages meet come twice. The query's Sort and Offset
// are set here, a Limit of 0 means 1000, and "date.changed" joins the fields.
func (c *Client) ChangedJobs(ctx context.Context, q Query, from, to time.Time) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for at := (&Cursor{Changed: from}); at != nil; {
			page, answer, err := c.jobs(ctx, at.query(q, to))
			if err == nil {
				at, err = at.next(answer)
			}
			for i := 0; err == nil && i < len(answer.Data); i++ {
				var job Job
				job, err = DecodeJob(answer.Data[i])
				page.Jobs = append(page.Jobs, job)
			}
			if err != nil {
				yield(Page{}, err)
				return
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// query asks for the page that begins here.
func (at Cursor) query(q Query, to time.Time) Query {
	q.Filter = And(q.Filter, Between("date.changed", at.Changed, to))
	q.Sort = []string{"date.changed:asc", "id:asc"}
	q.Offset = at.Offset
	if q.Limit == 0 {
		q.Limit = maxLimit
	}
	if !slices.Contains(q.Fields.Include, "date") {
		q.Fields.Include = append(slices.Clone(q.Fields.Include), "date.changed")
	}
	return q
}

// next is where the page after answer begins; nil if that is the last.
func (at Cursor) next(answer envelope) (*Cursor, error) {
	if at.Offset+len(answer.Data) >= answer.Total {
		return nil, nil
	}
	if len(answer.Data) == 0 {
		return nil, fmt.Errorf("reliefweb: %w", &AnswerError{fmt.Errorf("it has no jobs, but says that there are %d", answer.Total-at.Offset)})
	}
	changed := lastChange(answer.Data)
	switch {
	case changed.IsZero() || changed.Before(at.Changed.Truncate(time.Second)):
		return nil, fmt.Errorf("reliefweb: %w", &AnswerError{errors.New("its jobs are not in the order of their last change")})
	case changed.After(at.Changed):
		return &Cursor{Changed: changed}, nil
	case at.Offset+len(answer.Data)+maxLimit > ceiling:
		return nil, fmt.Errorf("reliefweb: more jobs than the API serves (%d) were changed at %s; ask for them by another filter, such as one on career_categories.id", ceiling, changed)
	}
	return &Cursor{Changed: at.Changed, Offset: at.Offset + len(answer.Data)}, nil
}

// lastChange is the date of the last job that has one that can be read: a broken job at the end of a page must not end the walk.
func lastChange(items []json.RawMessage) time.Time {
	for _, item := range slices.Backward(items) {
		var job struct {
			Fields struct{ Date struct{ Changed time.Time } }
		}
		if json.Unmarshal(item, &job) == nil && !job.Fields.Date.Changed.IsZero() {
			return job.Fields.Date.Changed.UTC()
		}
	}
	return time.Time{}
}
