package fakeapi

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// envelope is what a successful answer is wrapped in.
type envelope struct {
	Time     int64     `json:"time"`
	Href     string    `json:"href"`
	Links    links     `json:"links"`
	Took     int64     `json:"took"`
	Total    int       `json:"totalCount"`
	Count    int       `json:"count"`
	Data     []item    `json:"data"`
	Embedded *embedded `json:"embedded,omitempty"`
}

type links struct {
	Self     link  `json:"self"`
	Next     *link `json:"next,omitempty"`
	Previous *link `json:"prev,omitempty"`
}

type link struct {
	Href string `json:"href"`
}

type item struct {
	ID     any            `json:"id"`
	Score  float64        `json:"score"`
	Href   string         `json:"href"`
	Fields map[string]any `json:"fields"`
}

type embedded struct {
	Facets map[string]facetResult `json:"facets"`
}

// answer serves a call that was admitted, or says what is wrong with it.
func (a *API) answer(w http.ResponseWriter, r *http.Request, started time.Time) *refusal {
	q, problem := readQuery(r)
	if problem != nil {
		return problem
	}
	var result envelope
	path := strings.TrimRight(r.URL.Path, "/")
	if match := referencePath.FindStringSubmatch(path); match != nil {
		result, problem = a.reference(q, match[1], r)
	} else if match := jobPath.FindStringSubmatch(path); match != nil {
		result, problem = a.job(q, match[1], r)
	} else {
		result, problem = a.search(q, r)
	}
	if problem != nil {
		return problem
	}
	result.Count = len(result.Data)
	result.Href = address(r, nil)
	result.Links.Self.Href = result.Href
	result.Time, result.Took = milliseconds(started), milliseconds(started)
	serveJSON(w, http.StatusOK, result)
	return nil
}

// address is that of the call, with some parameters set: in an answer to a POST nothing else of the query shows.
func address(r *http.Request, set map[string]int) string {
	at := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	if r.TLS != nil || r.URL.Scheme == "https" {
		at.Scheme = "https"
	}
	for _, key := range []string{"offset", "limit"} {
		value, ok := set[key]
		if !ok {
			continue
		}
		kept := slices.DeleteFunc(strings.Split(at.RawQuery, "&"), func(pair string) bool { return strings.HasPrefix(pair, key+"=") })
		at.RawQuery = strings.Join(append(kept, key+"="+strconv.Itoa(value)), "&")
	}
	return at.String()
}

func base(r *http.Request) string {
	at, _, _ := strings.Cut(address(r, nil), "/v2/")
	return at + "/v2/"
}

func (a *API) search(q query, r *http.Request) (envelope, *refusal) {
	if q.offset()+q.limit() > a.options.Ceiling {
		return envelope{}, badRequest("Result window is too large, from + size must be less than or equal to: [" + strconv.Itoa(a.options.Ceiling) + "]")
	}
	a.mutex.Lock()
	all := make([]document, 0, len(a.jobs))
	for _, job := range a.jobs {
		all = append(all, job)
	}
	a.mutex.Unlock()
	slices.SortFunc(all, func(x, y document) int { return number(x.fields["id"]) - number(y.fields["id"]) })

	matches := slices.DeleteFunc(slices.Clone(all), func(d document) bool { return !q.matches(d.fields) })
	q.order(matches)
	result := envelope{Total: len(matches), Data: []item{}}
	page := matches[min(q.offset(), len(matches)):min(q.offset()+q.limit(), len(matches))]
	for _, job := range page {
		result.Data = append(result.Data, job.item(q, base(r)+"jobs/"))
	}
	if end := q.offset() + len(page); end < len(matches) && q.limit() > 0 {
		result.Links.Next = &link{address(r, map[string]int{"offset": end, "limit": q.limit()})}
	}
	if q.offset() > 0 {
		result.Links.Previous = &link{address(r, map[string]int{"offset": max(q.offset()-q.limit(), 0), "limit": q.limit()})}
	}
	if len(q.Facets) > 0 {
		result.Embedded = &embedded{Facets: q.facets(all, matches)}
	}
	return result, nil
}

// order sorts matches. Without an order they come by score, and as all scores are equal, by chance: by another chance on each page.
func (q query) order(matches []document) {
	if len(q.Sort) == 0 && q.Preset == "latest" {
		q.Sort = []string{"date.created:desc"}
	}
	if len(q.Sort) == 0 {
		rng := rand.New(rand.NewPCG(uint64(q.offset()), overlapStream))
		rng.Shuffle(len(matches), func(i, j int) { matches[i], matches[j] = matches[j], matches[i] })
		return
	}
	type keyed struct {
		document
		keys []any
	}
	list := make([]keyed, len(matches))
	for i, d := range matches {
		list[i].document = d
		for _, by := range q.Sort {
			field, _, _ := strings.Cut(by, ":")
			list[i].keys = append(list[i].keys, first(d.fields, field))
		}
	}
	slices.SortStableFunc(list, func(x, y keyed) int {
		for i, by := range q.Sort {
			c := compare(x.keys[i], y.keys[i])
			if strings.HasSuffix(by, ":desc") {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	for i := range list {
		matches[i] = list[i].document
	}
}

func (d document) item(q query, at string) item {
	id := number(d.fields["id"])
	i := item{ID: strconv.Itoa(id), Score: 1, Href: at + strconv.Itoa(id), Fields: q.choose(d.fields)}
	if d.numericID {
		i.ID = id
	}
	return i
}

// job answers a call by id. Expired jobs are not found so.
func (a *API) job(q query, id string, r *http.Request) (envelope, *refusal) {
	n, err := strconv.Atoi(id)
	a.mutex.Lock()
	job, ok := a.jobs[n]
	a.mutex.Unlock()
	if err != nil || !ok || job.fields["status"] == "expired" {
		return envelope{}, &refusal{http.StatusNotFound, "NotFoundHttpException", "No job with the id " + id + " was found."}
	}
	if q.Profile == "" {
		q.Profile = "full"
	}
	return envelope{Total: 1, Data: []item{job.item(q, base(r)+"jobs/")}}, nil
}

// reference answers a call for a vocabulary.
func (a *API) reference(q query, list string, r *http.Request) (envelope, *refusal) {
	terms, ok := a.references[list]
	if !ok {
		return envelope{}, &refusal{http.StatusNotFound, "NotFoundHttpException", "No reference list " + list + " was found."}
	}
	result := envelope{Total: len(terms), Data: []item{}}
	for _, term := range terms[min(q.offset(), len(terms)):min(q.offset()+q.limit(), len(terms))] {
		id := number(term["id"])
		fields := term
		if q.Profile == "minimal" || q.Profile == "" {
			fields = map[string]any{"id": term["id"], "name": term["name"]}
		}
		result.Data = append(result.Data, item{ID: strconv.Itoa(id), Score: 1, Href: base(r) + "references/" + list + "/" + strconv.Itoa(id), Fields: fields})
	}
	return result, nil
}
