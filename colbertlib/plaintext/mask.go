package plaintext

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in the place of what was taken out.
const (
	MaskedEmail = "[email]"
	MaskedPhone = "[phone]"
)

// Masked counts what [Mask] took out.
type Masked struct{ Emails, Phones int }

// Mask replaces e-mail addresses and telephone numbers by [MaskedEmail] and [MaskedPhone].
//
// It knows addresses with an @ and those disguised in the usual ways ("name [at] example [dot] org"). A number counts as a
// telephone's if it has an international prefix, follows a word like "Tel." or "WhatsApp", or is written as national numbers are (a leading 0,
// an area code in parentheses, 555-123-4567). Dates, years, amounts, and numbers after words like "Ref." stay, as does whatever is in doubt: a
// national number without a leading 0 and without such a word is not recognised.
func Mask(text string) (string, Masked) {
	var masked Masked
	var out strings.Builder
	for line := range strings.Lines(text) {
		emails, phones := 0, 0
		if strings.ContainsAny(line, "@＠") || isDisguised(line) {
			line, emails = maskEmails(line)
		}
		if countDigits(line) >= fewestDigits {
			line, phones = maskPhones(line)
		}
		out.WriteString(line)
		masked.Emails, masked.Phones = masked.Emails+emails, masked.Phones+phones
	}
	return out.String(), masked
}

// disguised is what lines with an address have that lack an @.
var disguised = regexp.MustCompile(`(?i)%40|[\[({<]\s*a(?:t|r+ob)|\s(?:dot|point|punto)\s|arobase|arroba`)

// hints are what every match of disguised has one of, in lower case: they are found ten times as fast.
var hints = []string{"%40", "[", "(", "{", "<", "dot", "point", "punto", "arobase", "arroba"}

func isDisguised(line string) bool {
	lower := strings.ToLower(line)
	return slices.ContainsFunc(hints, func(hint string) bool { return strings.Contains(lower, hint) }) && disguised.MatchString(line)
}

// fewestDigits is what a telephone number has, announced as such.
const fewestDigits = 6

func countDigits(text string) (n int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// address is an e-mail address from its @ on. A disguised @ needs brackets or a domain that is spelt out, so that "work at example" is none.
var address = func() *regexp.Regexp {
	const (
		label = `[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?`
		open  = `\s*[\(\[\{<]\s*`
		shut  = `\s*[\)\]\}>]\s*`
		at    = `(?:\s?[@＠]\s?|%40|` + open + `(?:at|@|arobase|arroba)` + shut + `)`
		word  = `\s+(?:dot|point|punto)\s+`
		dot   = `(?:\s?\.|` + open + `(?:dot|point|punto|\.)` + shut + `|` + word + `)`
	)
	return regexp.MustCompile(`(?i)` + at + label + `(?:` + dot + label + `)+|\s+(?:at|arobase|arroba)\s+` + label + `(?:` + word + label + `)+`)
}()

// maskEmails replaces addresses and counts them.
func maskEmails(text string) (string, int) {
	var out strings.Builder
	count, done := 0, 0 // text[:done] is written
	for _, at := range address.FindAllStringIndex(text, -1) {
		before := text[done:at[0]]
		name := strings.TrimRightFunc(before, inAddress)
		name += before[len(name):][:len(before[len(name):])-len(strings.TrimLeft(before[len(name):], "._%+'’-"))]
		if len(name) == len(before) {
			continue // nothing before the @: an account's name, not an address
		}
		out.WriteString(strings.TrimSuffix(strings.TrimSuffix(name, "mailto:"), "MAILTO:"))
		out.WriteString(MaskedEmail)
		count, done = count+1, at[1]
	}
	out.WriteString(text[done:])
	return out.String(), count
}

// inAddress says whether a character may stand before the @.
func inAddress(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("._%+'’-", r)
}

var (
	// number is digits with what may separate them; whether it is a telephone's is decided afterwards.
	number = regexp.MustCompile(`[+＋]?[\s\p{Zs}]?\(?[+＋]?(?:\p{Nd}{2,5}\)?\p{Zs}?/\p{Zs}?)?\p{Nd}[\p{Nd}\p{Zs}().\-‐‑–]*\p{Nd}`)
	// cue is what announces a telephone number, up to the number.
	cue = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:tel|tél|téls|tels|telephone|téléphone|telefon|telefono|teléfono|telefone|phone|phones|mobile|mob|móvil|movil|cell|cellphone|celular|gsm|` +
		`fax|whatsapp|whats app|viber|signal|telegram|hotline|helpline|sms|call us|call us on|call us at|هاتف|الهاتف|تلفون|جوال|واتساب)` +
		`[\s\p{Zs}.:/()\-–#]*(?:(?:no|n°|nº|nos|nr|num|number|numbers|numéro|número|at|on|us|au|al|is|line)[\s\p{Zs}.:()\-–#]*){0,2}$`)
	// reference is what announces a number of another kind.
	reference = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:ref|réf|reference|référence|referencia|vacancy|job|id|code|grant|contract|tender|rfp|rfq|iban|account|compte|cuenta|tin|nif|rc|registration|no|n°|nº|#)[\s\p{Zs}.:/#°\-–]*(?:(?:no|n°|nº|nr|number|id|code)[\s\p{Zs}.:#]*)?$`)
	// continued is what stands between two telephone numbers.
	continued = regexp.MustCompile(`(?i)^[\s\p{Zs}]*(?:/|,|;|\||&|or|and|ou|et|o|y)?[\s\p{Zs}]*$`)
	wordAfter = regexp.MustCompile(`^[\p{L}_%]`)
	date      = regexp.MustCompile(`^(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:(?:19|20)\d\d|\d\d)|(?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12]\d|3[01])[./-](?:19|20)\d\d|(?:19|20)\d\d[./-](?:0?[1-9]|1[0-2])(?:[./-](?:0?[1-9]|[12]\d|3[01]))?)$`)
	years     = regexp.MustCompile(`^(?:19|20)\d\d(?:\s*[/–-]\s*(?:19|20)?\d\d)+$`)
	decimal   = regexp.MustCompile(`^\+?\d{1,3}\.\d{3,}$`)
	thousands = regexp.MustCompile(`^\+?\s?\d{1,3}(?:[ .]000)+$`)
	areaCode  = regexp.MustCompile(`^\(\+?\d{1,5}\)[ ./-]*\d{2,4}(?:[ ./-]*\d{2,4}){1,3}$`)
	american  = regexp.MustCompile(`^(?:1[ .-])?\d{3}([.-])\d{3}[.-]\d{4}$`)
	national  = regexp.MustCompile(`^0\d*(?:[ .()-]+\d+)*$`)
)

// maskPhones replaces telephone numbers and counts them.
func maskPhones(text string) (string, int) {
	var out strings.Builder
	count, done := 0, 0 // text[:done] is written
	lastPhone := -1     // where the previous telephone number ended
	for _, at := range number.FindAllStringIndex(text, -1) {
		start, end := at[0], at[1]
		start += len(text[start:end]) - len(strings.TrimLeftFunc(text[start:end], unicode.IsSpace))
		follows := lastPhone >= 0 && continued.MatchString(text[lastPhone:start])
		if !isPhone(text, start, end, follows) {
			continue
		}
		out.WriteString(text[done:start])
		out.WriteString(MaskedPhone)
		count, done, lastPhone = count+1, end, end
	}
	out.WriteString(text[done:])
	return out.String(), count
}

// isPhone judges the number at text[start:end]; follows says that it continues a list of telephone numbers.
func isPhone(text string, start, end int, follows bool) bool {
	found := ascii(text[start:end])
	digits := countDigits(found)
	before := text[max(0, start-40):start]
	switch {
	case digits < fewestDigits || wordAfter.MatchString(text[end:]) || isOther(found):
		return false
	case (follows || cue.MatchString(before)) && digits <= 16:
		return true
	case digits < 7 || digits > 15 || reference.MatchString(before):
		return false
	case strings.HasPrefix(found, "+") || strings.HasPrefix(found, "(+"):
		return digits >= 8
	case inWord(before) || strings.ContainsRune(found, '/'):
		return false
	case strings.HasPrefix(found, "00") || strings.HasPrefix(found, "(00"):
		return digits >= 10 && digits <= 15
	}
	return areaCode.MatchString(found) || american.MatchString(found) || national.MatchString(found) && digits >= 9 && digits <= 11
}

// isOther says that digits form a date, years, or an amount.
func isOther(found string) bool {
	if years.MatchString(found) || decimal.MatchString(found) || thousands.MatchString(found) {
		return true
	}
	for word := range strings.FieldsSeq(found) {
		for _, part := range append(strings.Split(word, "–"), word) {
			if date.MatchString(part) {
				return true
			}
		}
	}
	return false
}

// inWord says whether a number continues what stands before it: a word, an amount, a path.
func inWord(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_/.,:#$€£", r)
}

// ascii writes digits, plus signs, hyphens and spaces of all kinds as those of a keyboard.
func ascii(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '＋':
			return '+'
		case r == '‐' || r == '‑':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Nd, r):
			return '0' + digit(r)
		}
		return r
	}, number)
}

// digit is the value of a decimal digit of any script: they come in runs of ten that begin with zero.
func digit(r rune) rune {
	value := rune(0)
	for value < 9 && unicode.Is(unicode.Nd, r-value-1) {
		value++
	}
	return value
}
