package facts

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// detectBytes is how much of a text the language is told from: the time grows with it, the certainty hardly.
const detectBytes = 400

// known are the languages that aid-work advertisements come in, of those that the detector tells apart by their words. The other scripts that it
// knows (Amharic's, Burmese, Khmer, …) are told by their letters.
var known = whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{
	whatlanggo.Eng: true, whatlanggo.Fra: true, whatlanggo.Spa: true, whatlanggo.Por: true, whatlanggo.Ita: true, whatlanggo.Deu: true, whatlanggo.Tur: true,
	whatlanggo.Nld: true, whatlanggo.Pol: true, whatlanggo.Ron: true, whatlanggo.Ind: true, whatlanggo.Som: true, whatlanggo.Vie: true, whatlanggo.Rus: true,
	whatlanggo.Ukr: true, whatlanggo.Bul: true, whatlanggo.Arb: true, whatlanggo.Pes: true, whatlanggo.Urd: true, whatlanggo.Hin: true, whatlanggo.Nep: true,
	whatlanggo.Amh: true, whatlanggo.Tir: true, whatlanggo.Heb: true,
}}

// Language tells a text's language by its letters and their triples, as a code of ISO 639-1 ("en"), or "" where it is not sure.
//
// The detector, whatlanggo, is 400 kB and has not needed a change since 2019; lingua-go, which is better on single sentences, brings 100 MB of models.
func Language(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), detectBytes)], "")
	info := whatlanggo.DetectWithOptions(text, known)
	if !info.IsReliable() {
		return ""
	}
	return info.Lang.Iso6391()
}
