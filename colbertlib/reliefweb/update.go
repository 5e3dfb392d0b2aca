package reliefweb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// overlap is how far an update goes back behind the beginning of the one before: a change may reach the API's index some time after its date, and our clock may be ahead
// of ReliefWeb's.
const overlap = 24 * time.Hour

// earliest is before anything that ReliefWeb has.
var earliest = time.Date(1996, 1, 1, 0, 0, 0, 0, time.UTC)

// fields are what an update asks for: all that says what a job is. How to apply is left out, as it is full of names and addresses of people.
var fields = Fields{Include: []string{
	"id", "title", "body", "url", "url_alias", "status", "date", "language", "country", "city", "source", "type", "theme", "career_categories", "experience",
}}

// UpdateOptions change what [Update] does.
type UpdateOptions struct {
	// CreatedSince leaves out jobs that were created earlier; the zero time leaves out none. A folder keeps the one that it was begun with.
	CreatedSince time.Time
	// Progress, if not nil, is called before each call.
	Progress func(Progress)
}

// Progress is how far an update is.
type Progress struct {
	Done, Total int // different jobs; the total is 0 until it is known
	CallsLeft   int // today; 0 if the client has no budget
}

// Summary is what an update did.
type Summary struct {
	Resumed    bool       // whether it went on with an update that was interrupted
	Pages      int        // pages of jobs that were stored, by all processes that worked at the update
	Jobs       int        // different jobs on them
	From, To   time.Time  // the time of change that was asked for
	Categories Categories // none, with a warning, if ReliefWeb has no list of them
	Warnings   []string
}

// Update brings a folder of raw pages up to date; the package comment describes it. The first time it fetches all jobs, later those that were changed since, each time with
// the career categories.
//
// What has been fetched is safe at any moment: after an error, or the end of the process, the next Update goes on where this one stopped, and then, if that was more than a
// day ago, gets what was changed since. A folder has one writer at a
// time (ErrLocked).
func Update(ctx context.Context, c *Client, dir string, options UpdateOptions) (summary Summary, err error) {
	s, err := openStore(dir)
	if err != nil {
		return Summary{}, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	u := &update{client: c, store: s, report: options.Progress, seen: map[ID]bool{}}
	created := options.CreatedSince.UTC().Truncate(time.Second)
	if u.resumed, err = s.begin(c.endpoint.String(), created); err != nil {
		return Summary{}, err
	}
	u.first = u.number()
	if err := u.count(); err != nil {
		return Summary{}, err
	}
	if err := u.run(ctx); err != nil {
		return Summary{}, err
	}
	if time.Since(u.info().To) > overlap { // it was begun some time ago, and what happened since is still missing
		if _, err := s.begin(c.endpoint.String(), created); err != nil {
			return Summary{}, err
		}
		if err := u.run(ctx); err != nil {
			return Summary{}, err
		}
	}
	return u.summary()
}

// begin adds an update to the manifest, unless the last one there is not finished.
func (s *store) begin(endpoint string, created time.Time) (resumed bool, err error) {
	next := UpdateInfo{Endpoint: endpoint, Created: created, From: earliest, To: now()}
	m := s.manifest
	m.Updates = slices.Clone(m.Updates)
	if n := len(m.Updates); n > 0 && !slices.ContainsFunc(m.Pages, func(p StoredPage) bool { return p.Update == n-1 }) {
		m.Updates = m.Updates[:n-1] // it ended before it had anything: a wrong appname, say
	}
	if n := len(m.Updates); n > 0 {
		last := m.Updates[n-1]
		if last.Endpoint != endpoint {
			return false, fmt.Errorf("reliefweb: %s holds pages of %s; fetch those of %s into another folder", s.dir, last.Endpoint, endpoint)
		}
		if !created.IsZero() && !last.Created.Equal(created) {
			return false, fmt.Errorf("reliefweb: %s holds jobs created since %s; fetch those since %s into another folder", s.dir, sinceText(last.Created), sinceText(created))
		}
		if last.Finished.IsZero() {
			return true, nil
		}
		next.Created, next.From = last.Created, last.To.Add(-overlap)
	}
	m.Updates = append(m.Updates, next)
	return false, s.commit(m)
}

func sinceText(t time.Time) string {
	if t.IsZero() {
		return "the beginning"
	}
	return t.Format(time.DateOnly)
}

// update is one update at work.
type update struct {
	client  *Client
	store   *store
	report  func(Progress)
	resumed bool
	first   int // index of the update that was gone on with, or begun
	warning string
	seen    map[ID]bool // the jobs on the update's pages
}

// count fills seen from the pages that an interrupted update has stored, and so makes sure that they are whole.
func (u *update) count() error {
	for _, page := range u.pages(Jobs) {
		answer, _, err := loadPage(u.store.dir, page)
		if err != nil {
			return err
		}
		u.see(answer)
	}
	return nil
}

func (u *update) see(answer envelope) {
	for _, item := range answer.Data {
		u.seen[itemID(item)] = true
	}
}

func (u *update) number() int      { return len(u.store.manifest.Updates) - 1 }
func (u *update) info() UpdateInfo { return u.store.manifest.Updates[u.number()] }

// pages are the update's stored pages of a kind.
func (u *update) pages(kind Kind) (list []StoredPage) {
	for _, page := range u.store.manifest.Pages {
		if page.Update == u.number() && page.Kind == kind {
			list = append(list, page)
		}
	}
	return list
}

func (u *update) run(ctx context.Context) error {
	if len(u.pages(CareerCategories)) == 0 {
		if err := u.categories(ctx); err != nil {
			return err
		}
	}
	at := &Cursor{Changed: u.info().From}
	if stored := u.pages(Jobs); len(stored) > 0 {
		at = stored[len(stored)-1].Next
	}
	for at != nil {
		var err error
		if at, err = u.page(ctx, *at); err != nil {
			return err
		}
	}
	m := u.store.manifest
	m.Updates = slices.Clone(m.Updates)
	m.Updates[u.number()].Finished = now()
	return u.store.commit(m)
}

func (u *update) categories(ctx context.Context) error {
	if err := u.progress(ctx); err != nil {
		return err
	}
	_, raw, err := u.client.references(ctx, string(CareerCategories))
	var refused *StatusError
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		u.warning = "ReliefWeb has no list of career categories where it used to be; the folder has none of today, and labels must come from elsewhere"
		return nil
	}
	if err != nil {
		return err
	}
	request := "GET references/" + string(CareerCategories) + "?" + referenceParameters().Encode()
	return u.store.add(StoredPage{Kind: CareerCategories, Update: u.number(), Request: request, Received: now()}, raw)
}

// page fetches and stores the page of jobs that begins at a cursor, and returns where the next begins.
func (u *update) page(ctx context.Context, at Cursor) (next *Cursor, err error) {
	if err := u.progress(ctx); err != nil {
		return nil, err
	}
	q := Query{Fields: fields, Preset: PresetAnalysis, Profile: ProfileMinimal}
	if created := u.info().Created; !created.IsZero() {
		q.Filter = Between("date.created", created, time.Time{})
	}
	page, answer, err := u.client.jobs(ctx, at.query(q, u.info().To))
	if err != nil {
		return nil, err
	}
	if next, err = at.next(answer); err != nil {
		return nil, err
	}
	u.see(answer)
	return next, u.store.add(StoredPage{
		Kind: Jobs, Update: u.number(), Request: "POST jobs", Body: json.RawMessage(page.Body), Received: now(),
		Total: answer.Total - at.Offset, Next: next,
	}, page.Raw)
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// progress reports how far the update is.
func (u *update) progress(ctx context.Context) error {
	if u.report == nil {
		return nil
	}
	p := Progress{Done: len(u.seen)}
	if stored := u.pages(Jobs); len(stored) > 0 {
		last := stored[len(stored)-1]
		p.Total = max(p.Done+last.Total-last.Items, p.Done)
	}
	if u.client.Budget != nil {
		left, err := u.client.CallsLeft(ctx)
		if err != nil {
			return err
		}
		p.CallsLeft = left
	}
	u.report(p)
	return nil
}

func (u *update) summary() (Summary, error) {
	summary := Summary{Resumed: u.resumed, Jobs: len(u.seen), From: u.store.manifest.Updates[u.first].From, To: u.info().To}
	for _, page := range u.store.manifest.Pages {
		if page.Kind == Jobs && page.Update >= u.first {
			summary.Pages++
		}
	}
	if u.warning != "" {
		summary.Warnings = []string{u.warning}
		return summary, nil
	}
	var err error
	summary.Categories, err = ReadCategories(u.store.dir)
	return summary, err
}
