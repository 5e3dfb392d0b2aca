package fakeapi

import (
	"fmt"
	"html"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

const dateFormat = "2006-01-02T15:04:05+00:00"

var (
	oldest = time.Date(2023, 1, 2, 8, 0, 0, 0, time.UTC)
	newest = time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC) // jobs that close earlier have expired
)

// How frequent ReliefWeb's irregularities are among the synthetic jobs.
const (
	untagged  = 0.02  // no career category
	several   = 0.02  // two of them
	unlisted  = 0.005 // one that the list does not have
	other     = 0.01  // the tenth, which package synth does not know
	bodiless  = 0.005
	reposted  = 0.04 // an earlier text under a new id
	numericID = 0.1
	contacts  = 0.1 // names an address and a telephone number in its text
)

// mix is how frequent the categories are, about as in package synth's natural mix.
var mix = map[int]int{6864: 46, 6865: 34, 20966: 28, 6863: 22, 6866: 14, 20971: 14, 36601: 34, 6868: 38, 6867: 130}

// author writes jobs.
type author struct {
	rng    *rand.Rand
	synth  *synth.Generator
	labels []dataset.Label // each as often as mix says
	past   []document
}

// synthetic writes n jobs, evenly spread over almost four years. The same seed gives the same jobs.
func synthetic(generator *synth.Generator, n int, seed uint64) (map[int]document, error) {
	jobs := make(map[int]document, n)
	a := &author{rng: rand.New(rand.NewPCG(seed, jobStream)), synth: generator}
	for _, label := range generator.Labels() {
		for range mix[label.ID] {
			a.labels = append(a.labels, label)
		}
	}
	for i := range n {
		job, err := a.job(4_000_000+3*i, oldest.Add(newest.Sub(oldest)/time.Duration(n)*time.Duration(i)))
		if err != nil {
			return nil, fmt.Errorf("fakeapi: %w", err)
		}
		jobs[number(job.fields["id"])] = job
	}
	return jobs, nil
}

// job writes a job, or posts an earlier one again.
func (a *author) job(id int, created time.Time) (document, error) {
	fields := map[string]any{}
	if len(a.past) > 0 && a.chance(reposted) {
		for key, value := range a.past[a.rng.IntN(len(a.past))].fields {
			fields[key] = value
		}
	} else if err := a.write(fields); err != nil {
		return document{}, err
	}
	closing := created.AddDate(0, 0, 14+a.rng.IntN(30))
	changed := created.Add(time.Duration(a.rng.IntN(5*24*3600)) * time.Second)
	fields["id"] = float64(id)
	fields["uuid"] = fmt.Sprintf("00000000-0000-4000-8000-%012d", id)
	fields["url"] = fmt.Sprintf("https://reliefweb.int/node/%d", id)
	fields["url_alias"] = fmt.Sprintf("https://reliefweb.int/job/%d/%s", id, slug(fmt.Sprint(fields["title"])))
	fields["date"] = map[string]any{"created": created.Format(dateFormat), "changed": changed.Format(dateFormat), "closing": closing.Format(dateFormat)}
	fields["status"] = "published"
	if closing.Before(newest) {
		fields["status"] = "expired"
	}
	d := document{fields: fields, numericID: a.chance(numericID)}
	a.past = append(a.past, d)
	return d, nil
}

// write fills in what a job says.
func (a *author) write(fields map[string]any) error {
	label := pick(a.rng, a.labels)
	ad, err := a.synth.Ad(a.rng, label.ID)
	if err != nil {
		return err
	}
	body := ad.Body
	if a.chance(contacts) {
		body += fmt.Sprintf("\n\nQuestions: jobs%d@example.org or +254 700 %03d %03d.", a.rng.IntN(100), a.rng.IntN(1000), a.rng.IntN(1000))
	}
	apply := fmt.Sprintf("Send your CV to [jobs%d@example.org](mailto:jobs@example.org).", a.rng.IntN(100))
	fields["title"] = ad.Title
	if !a.chance(bodiless) {
		fields["body"], fields["body-html"] = body, "<p>"+html.EscapeString(body)+"</p>"
	}
	fields["how_to_apply"], fields["how_to_apply-html"] = apply, "<p>"+html.EscapeString(apply)+"</p>"
	fields["language"] = list(languages[ad.Language])
	fields["source"] = list(a.source())
	fields["type"] = list(pick(a.rng, jobTypes))
	fields["experience"] = list(pick(a.rng, experience))
	if !a.chance(0.1) {
		fields["country"] = list(pick(a.rng, countries))
		fields["city"] = list(map[string]any{"name": fmt.Sprintf("Example City %d", 1+a.rng.IntN(50))})
	}
	if a.chance(0.6) {
		fields["theme"] = list(pick(a.rng, themes))
	}
	if categories := a.categories(label); len(categories) > 0 {
		fields["career_categories"] = categories
	}
	return nil
}

// categories are what an editor has tagged an ad of this label with.
func (a *author) categories(label dataset.Label) []any {
	right := term(label.ID, label.Name)
	switch u := a.rng.Float64(); {
	case u < untagged:
		return nil
	case u < untagged+several:
		if second := pick(a.rng, a.labels); second.ID != label.ID {
			return list(right, term(second.ID, second.Name))
		}
	case u < untagged+several+unlisted:
		return list(term(59999, "Not in the list"))
	case u < untagged+several+unlisted+other:
		return list(term(otherCategory, "Other"))
	}
	return list(right)
}

func (a *author) source() map[string]any {
	n := 1 + int(40*a.rng.Float64()*a.rng.Float64()) // some advertise far more than others
	return map[string]any{
		"href": fmt.Sprintf("https://api.reliefweb.int/v2/sources/%d", 900+n), "id": float64(900 + n), "name": fmt.Sprintf("Example Relief Organisation %d", n), "shortname": fmt.Sprintf("ERO-%d", n),
		"type": term(274, "Non-governmental Organization"), "homepage": "https://example.org",
	}
}

func (a *author) chance(p float64) bool { return a.rng.Float64() < p }

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func list[T any](values ...T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

func slug(title string) string {
	return strings.Join(words(title), "-")
}
