package facts

import "github.com/abadojack/whatlanggo"

// detectBytes is how much of a text the language is told from.
const detectBytes = 2000

// Language tells a text's language by its letters and their triples, as a code of ISO 639-1 ("en"), or "" where it is not sure.
//
// The detector, whatlanggo, is 400 kB and has not needed a change since 2019; lingua-go, which is better on single sentences, brings 100 MB of models.
func Language(text string) string {
	info := whatlanggo.Detect(text[:min(len(text), detectBytes)])
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6391()
}
