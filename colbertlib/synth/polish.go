package synth

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// polish mends what slots do to the text around them. French and Spanish patterns keep agreement by convention (see their
// shared.yaml); English ones leave a or an to this function.
func polish(language, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.TrimSuffix(strayPoints.Replace(text+" "), " ")
	if language == "en" {
		text = article.ReplaceAllStringFunc(text, func(found string) string {
			parts := article.FindStringSubmatch(found)
			return parts[1] + englishArticle(parts[2], parts[3], parts[4])
		})
		text = lateCapitals.Replace(text)
	}
	return text
}

var (
	strayPoints  = strings.NewReplacer(" , ", ", ", " . ", ". ")
	lateCapitals = strings.NewReplacer(". the ", ". The ", "? the ", "? The ") // sentences that begin with an employer's article
	article      = regexp.MustCompile(`(^|[ "(])([Aa])n? (["(]?)(\pL[\pL\d&-]*)`)

	letterName     = regexp.MustCompile(`^[AEFHILMNORSX][&\dA-Z-]*[\dA-Z]$`) // an HR, an M&E, an NGO
	spokenAsWord   = regexp.MustCompile(`^(?:MEAL|WASH|LAN|SIM|SAP|RAM|MUAC|SUN|LEAP|FAIR|NEXUS|SMART|SIEM|NEBOSH)`)
	consonantSound = regexp.MustCompile(`^(?i:uni(?:[^nm]|$)|us[aeu]|eu|one|once|ubiq|util|ut[eio])|^U[NSK]`) // a unit, a UN
	silentH        = regexp.MustCompile(`^(?i:honest|honou?r|hour|heir)`)
)

// englishArticle chooses between a and an by the sound of the next word.
func englishArticle(a, quote, next string) string {
	an := strings.ContainsRune("aeiouAEIOU", rune(next[0])) && !consonantSound.MatchString(next) || silentH.MatchString(next)
	if letterName.MatchString(next) {
		an = !spokenAsWord.MatchString(next)
	}
	if an {
		a += "n"
	}
	return a + " " + quote + next
}

func upperFirst(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// lowerFirst undoes a sentence's capital, but not an abbreviation's.
func lowerFirst(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if next, _ := utf8.DecodeRuneInString(text[size:]); unicode.IsUpper(next) || next == '&' {
		return text
	}
	return string(unicode.ToLower(r)) + text[size:]
}
