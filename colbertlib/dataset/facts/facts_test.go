package facts_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/facts"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

var labels = []dataset.Label{
	{ID: 1, Name: "Logistics/Procurement", Description: "Trucks."}, {ID: 2, Name: "Human Resources", Description: "Staff."},
}

func words(text string) int { return len(strings.Fields(text)) }

func TestRead(t *testing.T) {
	f := facts.Reader{Labels: labels, Count: words}.Read(dataset.Ad{
		ID: "a", Title: "Officer", Body: "Works in logistics & procurement, not in human\nresources.", Label: 2, Second: 1, Employer: " Example  Org ", Date: "2026-01-02",
	})
	if f.ID != "a" || f.Label != 2 || f.Second != 1 || f.Tokens != 10 || f.Employer != "example org" || f.Date != "2026-01-02" || f.Empty {
		t.Errorf("%s %d %d %d tokens %q %q %v", f.ID, f.Label, f.Second, f.Tokens, f.Employer, f.Date, f.Empty)
	}
	if !slices.Equal(f.Named, []int{1}) {
		t.Errorf("names the labels %d", f.Named)
	}
	if !(facts.Reader{Count: words}).Read(dataset.Ad{Title: "T", Body: " \n"}).Empty {
		t.Error("a body of white space is not empty")
	}
}

func TestLanguage(t *testing.T) {
	for want, text := range map[string]string{
		"en": "The Finance Officer prepares the monthly accounts and reports to the Head of Office. Applications are welcome until the end of the month.",
		"fr": "Le chargé des finances prépare les comptes mensuels et rend compte au chef de bureau. Les candidatures sont ouvertes jusqu'à la fin du mois.",
		"es": "El oficial de finanzas prepara las cuentas mensuales e informa al jefe de la oficina. Se aceptan candidaturas hasta el final del mes.",
		"ar": "يقوم موظف المالية بإعداد الحسابات الشهرية ويقدم تقاريره إلى رئيس المكتب. تقبل الطلبات حتى نهاية الشهر.",
		"":   "12345 ...",
	} {
		if got := facts.Language(text); got != want {
			t.Errorf("%q is in %q, want %q", text, got, want)
		}
	}
}

// On whole advertisements the detector errs rarely.
func TestLanguageOfAdvertisements(t *testing.T) {
	g, err := synth.New()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	wrong, unknown := 0, 0
	const n = 300
	for i := range n {
		ad, err := g.Ad(rng, g.Labels()[i%9].ID)
		if err != nil {
			t.Fatal(err)
		}
		switch facts.Language(ad.Text()) {
		case ad.Language:
		case "":
			unknown++
		default:
			wrong++
		}
	}
	if wrong > n/100 || unknown > n/20 {
		t.Errorf("of %d advertisements %d are in another language and %d in none", n, wrong, unknown)
	}
}

func ExampleReader_Read() {
	f := facts.Reader{Labels: labels, Count: words}.Read(dataset.Ad{ID: "7", Title: "Human Resources Officer", Body: "Hires staff.", Label: 2})
	fmt.Println(f.ID, f.Tokens, f.Named)
	// Output: 7 5 [2]
}

func BenchmarkRead(b *testing.B) {
	g, err := synth.New()
	if err != nil {
		b.Fatal(err)
	}
	ad, err := g.Ad(rand.New(rand.NewPCG(1, 1)), g.Labels()[0].ID)
	if err != nil {
		b.Fatal(err)
	}
	reader := facts.Reader{Labels: g.Labels(), Count: words}
	b.SetBytes(int64(len(ad.Text())))
	for b.Loop() {
		reader.Read(ad)
	}
}

func BenchmarkLanguage(b *testing.B) {
	text := strings.Repeat("The Finance Officer prepares the monthly accounts and reports to the Head of Office. ", 20)
	for b.Loop() {
		facts.Language(text)
	}
}
