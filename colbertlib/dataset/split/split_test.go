package split_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/near"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/split"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

var once = sync.OnceValues(synth.New)

func generator(t testing.TB) *synth.Generator {
	t.Helper()
	g, err := once()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// most is how many advertisements a test may ask for.
const most = 1000

var all = sync.OnceValues(func() ([]dataset.Ad, error) {
	g, err := once()
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(3, 4))
	ads := make([]dataset.Ad, most)
	for i := range ads {
		ad, err := g.Ad(rng, g.Labels()[min(rng.IntN(12), rng.IntN(12))%9].ID)
		if err != nil {
			return nil, err
		}
		ad.ID, ad.URL, ad.Employer = fmt.Sprint(1000+i), fmt.Sprintf("https://jobs.example.org/%d", 1000+i), fmt.Sprintf("Employer %d", i%12)
		ad.Date = fmt.Sprintf("2026-%02d-%02d", 1+i/28%12, 1+i%28)
		ads[i] = ad
	}
	return ads, nil
})

// advertisements are n synthetic ones, labels in uneven numbers, from a dozen employers, one a day.
func advertisements(t testing.TB, n int) []dataset.Ad {
	t.Helper()
	ads, err := all()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(ads[:n])
}

func stream(ads []dataset.Ad) iter.Seq2[dataset.Ad, error] {
	return func(yield func(dataset.Ad, error) bool) {
		for _, ad := range ads {
			if !yield(ad, nil) {
				return
			}
		}
	}
}

// small asks for few advertisements of each label.
func small() split.Options {
	o := split.Defaults()
	o.Train, o.Validate, o.Test, o.Source, o.Version = 8, 4, 2, "test", "nine"
	o.Count = func(text string) int { return len(strings.Fields(text)) }
	return o
}

func write(t *testing.T, dir string, ads []dataset.Ad, o split.Options) (dataset.Set, split.Result) {
	t.Helper()
	result, err := split.Write(t.Context(), dir, generator(t).Labels(), stream(ads), o)
	if err != nil {
		t.Fatal(err)
	}
	set, err := dataset.ReadSet(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return set, result
}

func ids(triples []dataset.Triple) []string {
	var list []string
	for _, t := range triples {
		list = append(list, t.ID)
	}
	slices.Sort(list)
	return list
}

func TestSizesAndShape(t *testing.T) {
	ads := advertisements(t, 400)
	set, result := write(t, t.TempDir(), ads, small())
	for i, want := range []int{8, 4, 2} {
		for _, count := range result.Manifest.Splits[i].Labels {
			if count.Triples != want {
				t.Errorf("%s has %d triples of %s, want %d", result.Manifest.Splits[i].Name, count.Triples, count.Name, want)
			}
		}
	}
	if len(result.Warnings) > 0 || result.Manifest.Date != slices.MaxFunc(ads, func(a, b dataset.Ad) int { return strings.Compare(a.Date, b.Date) }).Date {
		t.Errorf("warnings %q, date %s", result.Warnings, result.Manifest.Date)
	}
	negatives := map[string]bool{}
	for _, triple := range set.Train {
		negatives[triple.Negative] = true
		if triple.Negative == triple.Positive || triple.URL != "https://jobs.example.org/"+triple.ID {
			t.Errorf("triple %s: %q", triple.ID, triple.URL)
		}
	}
	if len(negatives) != 9 {
		t.Errorf("%d different negatives, want 9", len(negatives))
	}
	for i, triple := range set.Train[:9] {
		if triple.Label != set.Labels[i].ID {
			t.Errorf("triple %d is not of label %d: the beginning of the file is not balanced", i, i)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	ads := advertisements(t, 300)
	first, again, shuffled := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, first, ads, small())
	write(t, again, ads, small())
	write(t, again, ads, small()) // brought up to date, nothing being new
	other := slices.Clone(ads)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
	write(t, shuffled, other, small())
	for _, name := range []string{dataset.TrainFile, dataset.ValidateFile, dataset.TestFile, dataset.LabelsFile, dataset.AdsFile, dataset.ManifestFile} {
		want := read(t, first, name)
		if read(t, again, name) != want {
			t.Errorf("%s differs", name)
		}
		if name != dataset.AdsFile && name != dataset.ManifestFile && read(t, shuffled, name) != want {
			t.Errorf("%s depends on the order of the stream", name)
		}
	}
	o := small()
	o.Seed = 2
	if write(t, t.TempDir(), ads, o); read(t, first, dataset.TestFile) == "" {
		t.Error("empty test file")
	}
	set, _ := write(t, t.TempDir(), ads, o)
	firstSet, err := dataset.ReadSet(os.DirFS(first))
	if err != nil || slices.Equal(ids(set.Test), ids(firstSet.Test)) {
		t.Errorf("another seed draws the same test set (%v)", err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestNoTextComesTwiceNorNearly(t *testing.T) {
	ads := advertisements(t, 300)
	for i := range 300 { // posted again, word for word and with a new first sentence
		again := ads[i]
		again.ID = fmt.Sprint(5000 + i)
		if i%2 == 1 {
			again.Body = "Posted again. " + again.Body
		}
		ads = append(ads, again)
	}
	o := small()
	o.Train = split.All
	set, result := write(t, t.TempDir(), ads, o)
	var signatures []near.Signature
	for _, triple := range slices.Concat(set.Train, set.Validate, set.Test) {
		s := near.Sign(triple.Query)
		for k := range signatures {
			if s.Similarity(&signatures[k]) >= 0.85 { // what lies between .8 and .85 may be missed
				t.Errorf("%s is nearly the same as another", triple.ID)
			}
		}
		signatures = append(signatures, s)
	}
	dropped := map[string]int{}
	for _, d := range result.Manifest.Dropped {
		dropped[d.Reason] = d.Count
	}
	if dropped["the same text as another"] != 150 || dropped["nearly the same text as another"] < 130 {
		t.Errorf("dropped %v", dropped)
	}
}

func TestNewAdsExtendTheTrainingSetAndTheJudgedOnesStay(t *testing.T) {
	ads := advertisements(t, 500)
	for _, by := range []split.Grouping{split.ByChance, split.ByEmployer} {
		dir := t.TempDir()
		o := small()
		o.Train, o.By = split.All, by
		before, _ := write(t, dir, ads[:300], o)
		after, _ := write(t, dir, ads, o)
		if by == split.ByChance && len(after.Test)+len(after.Validate) != len(before.Test)+len(before.Validate) {
			t.Error("the judged sets grew, though they had their sizes")
		}
		for _, pair := range [][2][]dataset.Triple{{before.Train, after.Train}, {before.Validate, after.Validate}, {before.Test, after.Test}} {
			for _, id := range ids(pair[0]) {
				if !slices.Contains(ids(pair[1]), id) {
					t.Errorf("by %q: %s has left its split", by, id)
				}
			}
		}
		if len(after.Train) < len(before.Train)+100 {
			t.Errorf("by %q: %d training advertisements, before %d", by, len(after.Train), len(before.Train))
		}
	}
}

func TestARepostOfATestAdIsNotTrainedOn(t *testing.T) {
	ads := advertisements(t, 300)
	dir := t.TempDir()
	o := small()
	o.Train = split.All
	before, _ := write(t, dir, ads, o)
	again := ads[slices.IndexFunc(ads, func(ad dataset.Ad) bool { return ad.ID == before.Test[0].ID })]
	again.ID, again.Title = "0", again.Title+" (re-advertised)"
	after, _ := write(t, dir, append([]dataset.Ad{again}, ads...), o)
	if slices.Contains(ids(after.Train), "0") || !slices.Equal(ids(after.Test), ids(before.Test)) {
		t.Error("the repost is trained on, or the test set changed")
	}
}

func TestGoneTestAdsAreReported(t *testing.T) {
	ads := advertisements(t, 300)
	dir := t.TempDir()
	before, _ := write(t, dir, ads, small())
	gone := slices.DeleteFunc(slices.Clone(ads), func(ad dataset.Ad) bool { return ad.ID == before.Test[0].ID })
	after, result := write(t, dir, gone, small())
	if len(after.Test) != len(before.Test) || len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "0 validation and 1 test") {
		t.Errorf("%d test advertisements, warnings %q", len(after.Test), result.Warnings)
	}
}

func TestByEmployer(t *testing.T) {
	o := small()
	o.By = split.ByEmployer
	ads := advertisements(t, most)
	for i := range ads {
		ads[i].Employer = fmt.Sprintf("Employer %d", i%60)
	}
	employer := map[string]string{}
	for _, ad := range ads {
		employer[ad.ID] = ad.Employer
	}
	set, _ := write(t, t.TempDir(), ads, o)
	home := map[string]int{}
	for split, triples := range [][]dataset.Triple{set.Train, set.Validate, set.Test} {
		for _, triple := range triples {
			if at, ok := home[employer[triple.ID]]; ok && at != split {
				t.Fatalf("%s is in two splits", employer[triple.ID])
			}
			home[employer[triple.ID]] = split
		}
	}
}

func TestByTime(t *testing.T) {
	o := small()
	o.By = split.ByTime
	ads := advertisements(t, 330)
	dates := map[string]string{}
	for _, ad := range ads {
		dates[ad.ID] = ad.Date
	}
	dir := t.TempDir()
	set, _ := write(t, dir, ads, o)
	bounds := func(triples []dataset.Triple) (first, last string) {
		var list []string
		for _, triple := range triples {
			list = append(list, dates[triple.ID])
		}
		return slices.Min(list), slices.Max(list)
	}
	_, trainEnd := bounds(set.Train)
	validateStart, validateEnd := bounds(set.Validate)
	testStart, _ := bounds(set.Test)
	if trainEnd >= validateStart || validateEnd >= testStart {
		t.Errorf("training ends %s, validation %s to %s, test begins %s", trainEnd, validateStart, validateEnd, testStart)
	}
	if _, err := split.Write(t.Context(), dir, generator(t).Labels(), stream(ads), o); err == nil || !strings.Contains(err.Error(), "another folder") {
		t.Errorf("extended by time: %v", err)
	}
}

func TestNatural(t *testing.T) {
	o := small()
	o.Train, o.Validate, o.Test, o.Natural = 40, 10, 10, true
	ads := advertisements(t, most)
	share := map[int]float64{}
	for _, ad := range ads {
		share[ad.Label] += 1.0 / float64(len(ads))
	}
	set, _ := write(t, t.TempDir(), ads, o)
	for _, label := range set.Labels {
		n := 0
		for _, triple := range set.Train {
			if triple.Label == label.ID {
				n++
			}
		}
		if got := float64(n) / float64(len(set.Train)); got < share[label.ID]-0.02 || got > share[label.ID]+0.02 {
			t.Errorf("%s is %.3f of the training set, %.3f of all", label.Name, got, share[label.ID])
		}
	}
}

func TestTokenRangesHaveTheirShare(t *testing.T) {
	o := small()
	o.Train, o.Validate, o.Test = 20, 10, 10
	o.Count = func(text string) int { // three quarters short, one quarter long
		if near.Words(text)%4 == 0 {
			return 600
		}
		return 300
	}
	set, _ := write(t, t.TempDir(), advertisements(t, most), o)
	for name, triples := range map[string][]dataset.Triple{"train": set.Train, "test": set.Test} {
		long := 0
		for _, triple := range triples {
			if near.Words(triple.Query)%4 == 0 {
				long++
			}
		}
		if share := float64(long) / float64(len(triples)); share < 0.2 || share > 0.3 {
			t.Errorf("%s: %.2f are long, want about .25", name, share)
		}
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	g := generator(t)
	ads := advertisements(t, 300)
	label := g.Labels()[0].ID
	ads = append(ads,
		dataset.Ad{ID: "none", Title: "T", Body: "No label at all here."}, dataset.Ad{ID: "other", Title: "T", Body: "A label that is not ours.", Label: 52579},
		dataset.Ad{ID: "empty", Title: "Only a title", Label: label}, dataset.Ad{ID: "long", Title: "T", Body: strings.Repeat("word ", 3000), Label: label},
		dataset.Ad{ID: "nothing", Label: label}, dataset.Ad{ID: "none", Title: "The id again", Label: label})
	dir := t.TempDir()
	_, result := write(t, dir, ads, small())
	const want = "[1, empty body 1, its id has come before 2, no label, or none of ours 1, no text 1, too many tokens]"
	if got := fmt.Sprint(result.Manifest.Dropped); got != want {
		t.Errorf("dropped %s, want %s", got, want)
	}
	all, err := dataset.ReadAds(strings.NewReader(read(t, dir, dataset.AdsFile)), "ads", g.Labels())
	if err != nil || len(all) != 304 {
		t.Errorf("%d advertisements are kept, want 304: %v", len(all), err)
	}
}

func TestContactsAreMasked(t *testing.T) {
	ads := advertisements(t, 300)
	for i := range ads {
		ads[i].Body = "**Apply**: jobs@example.org, tel. +254 712 345 678.\n\n" + ads[i].Body
	}
	dir := t.TempDir()
	write(t, dir, ads, small())
	for _, name := range []string{dataset.TrainFile, dataset.AdsFile} {
		if content := read(t, dir, name); strings.Contains(content, "jobs@example") || strings.Contains(content, "712 345") || !strings.Contains(content, "Apply: [email], tel. [phone].") {
			t.Errorf("%s has contacts or Markdown", name)
		}
	}
	o := small()
	o.KeepContacts = true
	dir = t.TempDir()
	write(t, dir, ads, o)
	if !strings.Contains(read(t, dir, dataset.TrainFile), "jobs@example.org") {
		t.Error("contacts are masked although they were to be kept")
	}
}

func TestRareLabels(t *testing.T) {
	g := generator(t)
	rare := g.Labels()[3].ID
	n := 0
	ads := slices.DeleteFunc(advertisements(t, 500), func(ad dataset.Ad) bool {
		if ad.Label == rare {
			n++
		}
		return ad.Label == rare && n > 7
	})
	set, result := write(t, t.TempDir(), ads, small())
	count := func(triples []dataset.Triple) (n int) {
		for _, triple := range triples {
			if triple.Label == rare {
				n++
			}
		}
		return n
	}
	if got := [3]int{count(set.Train), count(set.Validate), count(set.Test)}; got != [3]int{4, 2, 1} || len(result.Warnings) != 1 {
		t.Errorf("7 advertisements are split into %d, warnings %q", got, result.Warnings)
	}
}

func TestBadOptionsAndFolders(t *testing.T) {
	g := generator(t)
	ads := advertisements(t, 300)
	dir := t.TempDir()
	write(t, dir, ads, small())
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, dataset.TrainFile), []byte("[]"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		dir    string
		change func(*split.Options)
		want   string
	}{
		"no counter":     {t.TempDir(), func(o *split.Options) { o.Count = nil }, "Count is missing"},
		"no training":    {t.TempDir(), func(o *split.Options) { o.Train = 0 }, "at least 1 of each"},
		"grouping":       {t.TempDir(), func(o *split.Options) { o.By = "colour" }, `unknown grouping "colour"`},
		"natural, all":   {t.TempDir(), func(o *split.Options) { o.Natural, o.Train = true, split.All }, "exclude each other"},
		"other seed":     {dir, func(o *split.Options) { o.Seed = 9 }, "drawn with seed 1"},
		"other source":   {dir, func(o *split.Options) { o.Source = "elsewhere" }, "was made from test"},
		"other rule":     {dir, func(o *split.Options) { o.By = split.ByEmployer }, "another rule"},
		"foreign folder": {foreign, func(*split.Options) {}, "did not make"},
		"nothing usable": {t.TempDir(), func(o *split.Options) { o.MaxTokens = 1 }, "no advertisement is left for training: of 300 that were kept, 0 are usable\nleft out: 300, too many tokens"},
	} {
		o := small()
		test.change(&o)
		if _, err := split.Write(t.Context(), test.dir, g.Labels(), stream(ads), o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

func TestBrokenSourceLeavesTheFolderAsItWas(t *testing.T) {
	ads := advertisements(t, 300)
	dir := t.TempDir()
	write(t, dir, ads, small())
	broken := errors.New("page 7 is gone")
	_, err := split.Write(t.Context(), dir, generator(t).Labels(), func(yield func(dataset.Ad, error) bool) {
		_ = yield(ads[0], nil) && yield(dataset.Ad{}, broken)
	}, small())
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := dataset.ReadSet(os.DirFS(dir)); err != nil {
		t.Errorf("the folder was changed: %v", err)
	}
}

func ExampleWrite() {
	labels := []dataset.Label{{ID: 1, Name: "Water", Description: "Wells and pumps."}, {ID: 2, Name: "Logistics", Description: "Trucks and stores."}}
	ads := func(yield func(dataset.Ad, error) bool) {
		for i := range 40 {
			topic := []string{"digs wells", "drives trucks"}[i%2]
			ad := dataset.Ad{ID: fmt.Sprint(i), Title: "Officer", Body: fmt.Sprintf("%s in **district %d**, month %d of year %d", topic, i, i*i, i*7), Label: 1 + i%2}
			if !yield(ad, nil) {
				return
			}
		}
	}
	dir, err := os.MkdirTemp("", "split")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	o := split.Defaults()
	o.Train, o.Validate, o.Test, o.Source = 10, 4, 2, "my board"
	o.Count = func(text string) int { return len(strings.Fields(text)) }
	result, err := split.Write(context.Background(), dir, labels, ads, o)
	for _, s := range result.Manifest.Splits {
		fmt.Println(s.Name, s.Triples)
	}
	fmt.Println(result.Warnings, err)
	// Output:
	// train 20
	// validate 8
	// test 4
	// [] <nil>
}
