package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/audit"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/split"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

func words(text string) int { return len(strings.Fields(text)) }

var generator = sync.OnceValues(synth.New)

// advertisements are n synthetic ones; see faults for what is wrong with some.
func advertisements(t *testing.T, n int) ([]dataset.Label, []dataset.Ad) {
	t.Helper()
	g, err := generator()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	ads := make([]dataset.Ad, n)
	for i := range ads {
		if ads[i], err = g.Ad(rng, g.Labels()[i%9].ID); err != nil {
			t.Fatal(err)
		}
		ads[i].ID, ads[i].Date = fmt.Sprintf("ad%d", i), fmt.Sprintf("2026-%02d-10", 1+i%12)
	}
	return g.Labels(), ads
}

// faults adds one advertisement with each fault, whose id is the finding's kind.
func faults(labels []dataset.Label, ads []dataset.Ad) []dataset.Ad {
	text := func(id, title, body string) dataset.Ad {
		return dataset.Ad{ID: id, Title: title, Body: body, Label: labels[0].ID, Language: "en", Date: "2026-06-01"}
	}
	same, close, template := ads[0], ads[1], ads[2]
	same.ID, same.Title = "same-text", strings.ToUpper(same.Title)
	close.ID, close.Body = "near-text", close.Body+" Posted again."
	template.ID, template.Employer = "template", "Example Org"
	list := strings.Fields(template.Body)
	template.Body = strings.Join(append(list[:len(list)*3/4:len(list)*3/4], strings.Fields(ads[3].Body)[:len(list)/8]...), " ")
	ads[2].Employer = "example  ORG"
	several := text("several-labels", "Officer", "Prepares the accounts of two projects and writes the reports for both donors every quarter of the year.")
	several.Second = labels[1].ID
	french := text("other-language", "Chargé des finances", "Le chargé des finances prépare les comptes mensuels et rend compte au chef de bureau. Les candidatures sont ouvertes jusqu'à la fin du mois.")
	noLabel, oddDate := text("no-label", "Nobody", "An advertisement without any label at all, which nobody ever got round to tagging."), text("odd-date", "When", "An advertisement from a time before there was such a thing as this board, or from no time at all.")
	noLabel.Label, oddDate.Date = 0, "1897-01-01"
	return append(ads, same, close, template, several, french, noLabel, oddDate,
		text("names-own-label", "Officer", "The post belongs to the department of "+strings.ReplaceAll(labels[0].Name, "/", " and ")+" and to nobody else in this house."),
		text("names-other-label", "Officer", "The post works closely with "+labels[3].Name+", whatever that may be called in the other offices of the house."),
		text("truncated", "Long", strings.Repeat("The post has many and various duties. ", 200)),
		text("empty-body", "Only a title that says everything", ""),
		text("contacts", "Officer", "Whoever is interested in the post of an officer in the north writes to jobs@example.org before the rains begin."),
		dataset.Ad{ID: "unknown-language", Title: "12", Body: "34 56 78", Label: labels[0].ID})
}

// folder writes the advertisements and splits of some of them.
func folder(t *testing.T, labels []dataset.Label, ads []dataset.Ad, drawn func(i int, ad dataset.Ad) string) string {
	t.Helper()
	dir := t.TempDir()
	set := dataset.Set{Labels: labels}
	for i, ad := range ads {
		triple := dataset.Triple{Query: ad.Text(), ID: ad.ID, Label: ad.Label, Language: ad.Language}
		for k, label := range labels {
			if label.ID == ad.Label {
				triple.Positive, triple.Negative = label.Description, labels[(k+1)%len(labels)].Description
			}
		}
		switch drawn(i, ad) {
		case "train":
			set.Train = append(set.Train, triple)
		case "validate":
			set.Validate = append(set.Validate, triple)
		case "test":
			set.Test = append(set.Test, triple)
		}
	}
	if err := dataset.WriteAds(filepath.Join(dir, dataset.AdsFile), ads); err != nil {
		t.Fatal(err)
	}
	if err := set.Write(dir, dataset.Manifest{Version: "v", Source: "test"}, dataset.AdsFile); err != nil {
		t.Fatal(err)
	}
	return dir
}

func run(t *testing.T, dir string) audit.Report {
	t.Helper()
	report, err := audit.Folder(t.Context(), dir, audit.Options{Count: words, Limit: 1200})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func finding(t *testing.T, r audit.Report, kind string) audit.Finding {
	t.Helper()
	at := slices.IndexFunc(r.Findings, func(f audit.Finding) bool { return f.Kind == kind })
	if at < 0 {
		t.Fatalf("no finding is called %s", kind)
	}
	return r.Findings[at]
}

func TestEachFaultIsFound(t *testing.T) {
	labels, ads := advertisements(t, 180)
	ads = faults(labels, ads)
	report := run(t, folder(t, labels, ads, func(i int, ad dataset.Ad) string {
		switch {
		case i >= 180:
			return "" // left out, as split would
		case i < 120:
			return "train"
		case i < 160:
			return "validate"
		}
		return "test"
	}))
	for _, ad := range ads[180:] {
		f := finding(t, report, ad.ID)
		if !slices.Contains(f.IDs, ad.ID) || f.Count < 1 || f.Count > 25 || len(f.IDs) != f.Count {
			t.Errorf("%s: %d found, %d drawn: %v", ad.ID, f.Count, f.Drawn, f.IDs)
		}
	}
	for _, kind := range []string{"same-text", "near-text", "same-text-across-splits", "near-text-across-splits"} {
		if f := finding(t, report, kind); f.Drawn != 0 {
			t.Errorf("%s: %d in the splits: %v", kind, f.Drawn, f.IDs)
		}
	}
	if report.Sets[0].Ads != len(ads) || report.Sets[1].Ads != 120 || report.Sets[3].Labels[labels[0].ID] == 0 || report.From != "1897-01-01" || len(report.Suspects) != 18 {
		t.Errorf("sets %d and %d, from %s, %d suspects", report.Sets[0].Ads, report.Sets[1].Ads, report.From, len(report.Suspects))
	}
}

func TestLeaksAcrossSplitsAreFound(t *testing.T) {
	labels, ads := advertisements(t, 90)
	same, close := ads[0], ads[1]
	same.ID, same.Title = "again", same.Title+"!"
	close.ID, close.Body = "nearly", close.Body+" Posted again."
	ads = append(ads, same, close)
	dir := folder(t, labels, ads, func(i int, _ dataset.Ad) string {
		return []string{"train", "train", "validate", "test"}[min(i/30, 3)] // the last two are copies of training ads
	})
	report := run(t, dir)
	for kind, id := range map[string]string{"same-text-across-splits": "ad0", "near-text-across-splits": "ad1"} {
		if f := finding(t, report, kind); f.Drawn != 1 || f.IDs[0] != id { // the test set comes first, so the training ad is the copy
			t.Errorf("%s: %v", kind, f.IDs)
		}
	}
	// the reported experiment's own folders have no ids, no manifest and no ads.jsonl
	foreign := t.TempDir()
	for _, name := range []string{dataset.LabelsFile, dataset.TrainFile, dataset.ValidateFile, dataset.TestFile} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if name != dataset.LabelsFile {
			content = withoutIDs(t, content)
		}
		if err := os.WriteFile(filepath.Join(foreign, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	report = run(t, foreign)
	if f := finding(t, report, "same-text-across-splits"); f.Drawn != 1 || f.IDs[0] != "train-1" {
		t.Errorf("without ids: %v", f.IDs)
	}
	if err := report.Record(foreign); err != nil {
		t.Errorf("a folder without manifest: %v", err)
	}
}

func withoutIDs(t *testing.T, content []byte) []byte {
	t.Helper()
	var triples []struct{ Query, Positive, Negative string }
	if err := json.Unmarshal(content, &triples); err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, triple := range triples {
		list = append(list, map[string]string{"query": triple.Query, "positive": triple.Positive, "negative": triple.Negative})
	}
	content, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Nothing that an audit writes holds text of an advertisement.
func TestPageHasPicturesAndNoText(t *testing.T) {
	labels, ads := advertisements(t, 180)
	for i := range ads {
		ads[i].Body += " Zzyzxword."
	}
	dir := folder(t, labels, ads, func(i int, _ dataset.Ad) string { return []string{"train", "validate", "test"}[i/60] })
	report := run(t, dir)
	out := filepath.Join(dir, "audit")
	if err := report.Write(out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{audit.PageFile, audit.ReportFile, "labels.png", "languages.png", "dates.png", "tokens.png"} {
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || len(content) == 0 || strings.Contains(strings.ToLower(string(content)), "zzyzxword") {
			t.Errorf("%s: %v, %d bytes", name, err, len(content))
		}
	}
	page, err := os.ReadFile(filepath.Join(out, audit.PageFile))
	if err != nil || !strings.Contains(string(page), "| its text names its own category |") && !strings.Contains(string(page), "| has the same words as another | 0 | 0 |") || !strings.Contains(string(page), "![labels](labels.png)") {
		t.Errorf("%v\n%s", err, page)
	}
	if err := report.Record(dir); err != nil {
		t.Fatal(err)
	}
	manifest, err := dataset.ReadManifestFile(dir)
	if err != nil || len(manifest.Findings) != len(report.Findings) || manifest.Findings[0].Kind != "same-text" || len(manifest.Files) != 5 {
		t.Errorf("%+v, %v", manifest.Findings, err)
	}
}

// A judge may have been trained on the training set, so it is not asked about that.
func TestAJudgeOfOnesOwn(t *testing.T) {
	labels, ads := advertisements(t, 60)
	dir := folder(t, labels, ads, func(i int, _ dataset.Ad) string { return []string{"train", "validate", "test"}[i/20] })
	asked := 0
	judge := func(_ context.Context, queries []dataset.Query) (map[string]audit.Probabilities, error) {
		beliefs := map[string]audit.Probabilities{}
		for i, q := range queries {
			beliefs[q.ID] = audit.Probabilities{q.Label: 0.9, labels[(i+4)%9].ID: 0.1}
			if q.ID == "ad27" {
				beliefs[q.ID] = audit.Probabilities{q.Label: 0.01, labels[2].ID: 0.99}
			}
		}
		asked = len(queries)
		return beliefs, nil
	}
	report, err := audit.Folder(t.Context(), dir, audit.Options{Count: words, Judge: judge})
	if err != nil || asked != 40 || len(report.Suspects) != 4 || report.Suspects[0].ID != "ad27" || report.Suspects[0].Likely != labels[2].ID {
		t.Errorf("%d asked: %+v, %v", asked, report.Suspects, err)
	}
	if f := finding(t, report, "label-error"); !slices.Equal(f.IDs, []string{"ad27"}) {
		t.Errorf("label errors %v", f.IDs)
	}
}

func TestWhatSplitWritesIsClean(t *testing.T) {
	labels, ads := advertisements(t, 500)
	ads = faults(labels, ads)
	o := split.Defaults()
	o.Train, o.Validate, o.Test, o.Source, o.Count, o.MaxTokens = 20, 5, 5, "test", words, 1200
	dir := t.TempDir()
	if _, err := split.Write(t.Context(), dir, labels, func(yield func(dataset.Ad, error) bool) {
		for _, ad := range ads {
			if !yield(ad, nil) {
				return
			}
		}
	}, o); err != nil {
		t.Fatal(err)
	}
	report := run(t, dir)
	for _, kind := range []string{"same-text", "same-text-across-splits", "near-text", "near-text-across-splits", "no-label", "truncated", "empty-body", "contacts"} {
		if f := finding(t, report, kind); f.Drawn != 0 {
			t.Errorf("%s: %v", kind, f.IDs)
		}
	}
}

func TestFolderThatIsNone(t *testing.T) {
	if _, err := audit.Folder(t.Context(), t.TempDir(), audit.Options{Count: words}); err == nil || !strings.Contains(err.Error(), dataset.LabelsFile) {
		t.Errorf("got %v", err)
	}
}
