// Package facts keeps of an advertisement what decides about its use, without its text: 100,000 of them fit into 80 MB.
package facts

import (
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/near"
	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
)

// Facts is what is known about an advertisement without its text.
type Facts struct {
	ID            string
	Label, Second int            // as in dataset.Ad
	Tokens        int            // of the text as a model reads it
	Language      string         // as the source says, or else as detected: "en"; "" if neither knows
	Detected      string         // as detected
	Employer      string         // in lower case
	Date          string         // YYYY-MM-DD
	Words         uint64         // near.Words: equal for equal texts
	Signature     near.Signature // of the text
	Empty         bool           // has no body
	Contacts      bool           // has an e-mail address or a telephone number that is not masked
	Named         []int          // ids of the labels whose names stand in the text
}

// A Reader turns advertisements into facts. It is safe for concurrent use if Count is.
type Reader struct {
	Labels []dataset.Label
	Count  func(text string) int // the number of tokens of a query; see package tokencount
}

// Read looks at one advertisement.
func (r Reader) Read(ad dataset.Ad) Facts {
	text := ad.Text()
	f := Facts{
		ID: ad.ID, Label: ad.Label, Second: ad.Second, Tokens: r.Count(text), Language: ad.Language, Detected: Language(text),
		Employer: strings.ToLower(strings.Join(strings.Fields(ad.Employer), " ")), Date: ad.Date,
		Words: near.Words(text), Signature: near.Sign(text), Empty: strings.TrimSpace(ad.Body) == "",
	}
	_, found := plaintext.Mask(text)
	f.Contacts = found != plaintext.Masked{}
	if f.Language == "" {
		f.Language = f.Detected
	}
	lower := strings.ToLower(text)
	for _, label := range r.Labels {
		if containsName(lower, strings.ToLower(label.Name)) {
			f.Named = append(f.Named, label.ID)
		}
	}
	return f
}

// containsName finds a name like "logistics/procurement" also as "logistics and procurement" and "logistics & procurement".
func containsName(text, name string) bool {
	for _, link := range []string{"/", " / ", " and ", " & "} {
		if strings.Contains(text, strings.ReplaceAll(name, "/", link)) {
			return true
		}
		if !strings.Contains(name, "/") {
			return false
		}
	}
	return false
}
