package reliefweb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Endpoint is the API's address.
const Endpoint = "https://api.reliefweb.int/v2"

// Client asks the API. Its methods are safe for concurrent use, as long as the fields do not change. Calls end when their context does.
type Client struct {
	// HTTP makes the requests. NewClient gives it time-outs: 30 seconds for an answer to begin, 5 minutes for it to end. Redirects are never followed.
	HTTP *http.Client
	// Budget counts calls and ends them at the limit; nil counts nothing. NewClient leaves it nil: see UserBudget.
	Budget *Budget
	// OnRetry, if not nil, is called before the client waits and asks again.
	OnRetry func(problem error, wait time.Duration)

	appname  string
	endpoint *url.URL
}

var appnamePattern = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// NewClient makes a client for an endpoint, such as [Endpoint]. appname is a name that ReliefWeb has approved; there is no default.
//
// The appname goes to the endpoint only: no error, no page and no manifest holds it.
func NewClient(endpoint, appname string) (*Client, error) {
	if appname == "" {
		return nil, errors.New("reliefweb: no appname; " + HowToGetAppname)
	}
	if !appnamePattern.MatchString(appname) {
		return nil, errors.New("reliefweb: the appname has characters other than letters, digits, . _ ~ and -")
	}
	at, err := url.Parse(strings.TrimRight(endpoint, "/"))
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "" {
		return nil, fmt.Errorf("reliefweb: %q is no address of an API; the default is %s", endpoint, Endpoint)
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("reliefweb: http.DefaultTransport was replaced; this package needs its settings")
	}
	transport = transport.Clone()
	transport.ResponseHeaderTimeout = 30 * time.Second
	return &Client{HTTP: &http.Client{Transport: transport, Timeout: 5 * time.Minute}, appname: appname, endpoint: at}, nil
}

// String names the endpoint, not the appname.
func (c *Client) String() string { return "reliefweb.Client of " + c.endpoint.String() }

// CallsLeft is how many calls the budget still allows. Without a budget it is an error.
func (c *Client) CallsLeft(ctx context.Context) (int, error) {
	if c.Budget == nil {
		return 0, errors.New("reliefweb: the client has no budget, so that calls are not counted")
	}
	return c.Budget.left(ctx, c.account())
}

// Page is one answer to a query.
type Page struct {
	Jobs   []Job
	Total  int                    // matches, of which the page holds some
	More   bool                   // whether a page follows
	Facets map[string]FacetResult // by name
	Body   []byte                 // of the request
	Raw    []byte                 // the answer as it was received, but for the appname
}

// Jobs asks for one page of jobs. An item that cannot be decoded is an error.
func (c *Client) Jobs(ctx context.Context, q Query) (Page, error) {
	page, answer, err := c.jobs(ctx, q)
	if err != nil {
		return Page{}, err
	}
	for i, item := range answer.Data {
		job, err := DecodeJob(item)
		if err != nil {
			return Page{}, fmt.Errorf("reliefweb: POST jobs: %w", &AnswerError{fmt.Errorf("item %d: %w", i+1, err)})
		}
		page.Jobs = append(page.Jobs, job)
	}
	return page, nil
}

// jobs is Jobs without the decoding of items.
func (c *Client) jobs(ctx context.Context, q Query) (Page, envelope, error) {
	body, err := q.body()
	if err != nil {
		return Page{}, envelope{}, err
	}
	answer, raw, err := c.call(ctx, http.MethodPost, "jobs", nil, body)
	if err != nil {
		return Page{}, envelope{}, err
	}
	return Page{Total: answer.Total, More: answer.Links.Next != nil, Facets: answer.Embedded.Facets, Body: body, Raw: raw}, answer, nil
}

// Job asks for one job, with all fields. The API does not find expired jobs this way: use Jobs with PresetAnalysis and In("id", id) for those.
func (c *Client) Job(ctx context.Context, id ID) (Job, error) {
	path := "jobs/" + strconv.Itoa(int(id))
	answer, _, err := c.call(ctx, http.MethodGet, path, url.Values{"profile": {string(ProfileFull)}}, nil)
	if err != nil {
		return Job{}, err
	}
	if len(answer.Data) != 1 {
		return Job{}, fmt.Errorf("reliefweb: GET %s: %w", path, &AnswerError{fmt.Errorf("%d items instead of one", len(answer.Data))})
	}
	job, err := DecodeJob(answer.Data[0])
	if err == nil && job.ID != id {
		err = fmt.Errorf("job %d instead", job.ID)
	}
	if err != nil {
		return Job{}, fmt.Errorf("reliefweb: GET %s: %w", path, &AnswerError{err})
	}
	return job, nil
}

var referencePattern = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// References asks for one of ReliefWeb's vocabularies, such as "career-categories", "job-types", "job-experience", "themes" or "languages", ordered by id.
func (c *Client) References(ctx context.Context, list string) ([]Category, error) {
	terms, _, err := c.references(ctx, list)
	return terms, err
}

func (c *Client) references(ctx context.Context, list string) (terms []Category, raw []byte, err error) {
	if !referencePattern.MatchString(list) {
		return nil, nil, fmt.Errorf("reliefweb: %q is no name of a reference list, such as %s", list, CareerCategories)
	}
	answer, raw, err := c.call(ctx, http.MethodGet, "references/"+list, referenceParameters(), nil)
	if err != nil {
		return nil, nil, err
	}
	terms, err = decodeCategories(answer.Data)
	if err == nil && answer.Total > len(terms) {
		err = fmt.Errorf("%d of %d entries", len(terms), answer.Total)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reliefweb: GET references/%s: %w", list, &AnswerError{err})
	}
	return terms, raw, nil
}

// referenceParameters ask for whole lists: the API's default of ten just fits the ten career categories that there are in 2026.
func referenceParameters() url.Values {
	return url.Values{"limit": {strconv.Itoa(maxLimit)}, "profile": {string(ProfileFull)}}
}
