package plaintext_test

import (
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/plaintext"
)

func TestMask(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"address", "Write to hr.jobs+2@example.org.", "Write to [email]."},
		{"several", "a@b.org; c_d@mail.example.co.uk", "[email]; [email]"},
		{"mailto", "mailto:jobs@example.org?subject=x", "[email]?subject=x"},
		{"capitals", "JOBS@EXAMPLE.ORG", "[email]"},
		{"spaces", "jobs @ example.org and jobs@example .org", "[email] and [email]"},
		{"brackets", "jobs[at]example[dot]org, jobs (at) example.org", "[email], [email]"},
		{"words", "jobs at example dot org", "[email]"},
		{"French", "emploi [arobase] monsite [point] fr", "[email]"},
		{"only the dots are disguised", "jobs@example[dot]org", "[email]"},
		{"full width", "jobs＠example.org", "[email]"},
		{"in a link", "https://example.org/?to=jobs%40example.org", "https://example.org/?to=[email]"},
		{"other letters", "Ünal.Çelik@örnek.org", "[email]"},
		{"angle brackets", "A. Name <a.name@example.org>", "A. Name <[email]>"},
		{"account name", "Follow @example and work at Example Org. Dot your i.", "Follow @example and work at Example Org. Dot your i."},
		{"international", "+254 712 345 678", "[phone]"},
		{"trunk zero", "+44 (0)20 7946 0958", "[phone]"},
		{"country in parentheses", "(+33) 1 42 34 56 78", "[phone]"},
		{"00", "00 41 22 730 4222", "[phone]"},
		{"no spaces", "+41227304222.", "[phone]."},
		{"hyphens that do not break", "+1‑202‑555‑0143", "[phone]"},
		{"no-break spaces", "+33\u00a01\u00a042\u00a034\u00a056\u00a078", "[phone]"},
		{"Arabic digits", "هاتف: ٠٧٩٠١٢٣٤٥٦", "هاتف: [phone]"},
		{"French", "Tél. : 01.42.34.56.78", "Tél. : [phone]"},
		{"French, days and months", "01 12 11 10 09", "[phone]"},
		{"national", "call 0712 345 678 now", "call [phone] now"},
		{"national, short, announced", "Tel: 555-1234 ext. 12", "Tel: [phone] ext. 12"},
		{"United States", "202-555-0143 or (202) 555-0143", "[phone] or [phone]"},
		{"list", "WhatsApp no. 712 345 678 / 733 123 456, 722 000 111", "WhatsApp no. [phone] / [phone], [phone]"},
		{"list without spaces", "Tel 0712345678/0733123456", "Tel [phone]/[phone]"},
		{"slash inside", "Tel. 030/123456", "Tel. [phone]"},
		{"announced by words", "Phone number is 712345678", "Phone number is [phone]"},
		{"after a letter", "T+254712345678", "T[phone]"},
		{"ISO date", "from 2024-01-15 to 2024-12-31", ""},
		{"dates", "01.02.2024 - 31.12.2024, 01/02/2024–03/04/2024, 05.06.24 08", ""},
		{"date and time", "Closing: 01.02.2024 09:00", ""},
		{"years", "Call for proposals 2023-2024, phone survey 2023-2024, fax 2019/20", ""},
		{"salary", "USD 45,000 - 60,000; 1 200 000 XOF; 50.000.000 FCFA; 3000-4500 EUR", ""},
		{"salary of eight digits", "IDR 12000000-15000000 a month", ""},
		{"more than", "+10 000 000 people, +33.573110, +10 years", ""},
		{"reference", "Ref: 00123456789; Vacancy no. 0123456789; UNDP-2024-0012345678; VA/2024/0123456789", ""},
		{"post code", "P.O. Box 30218-00100 Nairobi", ""},
		{"telephone without number", "Mobile 4G routers, 24/7 hotline, tel.", ""},
		{"bank account", "Account no: 0123456789", ""},
		{"amount after phone", "Phone allowance: USD 150,000", ""},
		{"empty", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := test.want
			if want == "" {
				want = test.text
			}
			if got, _ := plaintext.Mask(test.text); got != want {
				t.Errorf("%q became %q, want %q", test.text, got, want)
			}
		})
	}
}

func TestMaskCounts(t *testing.T) {
	text, masked := plaintext.Mask("a@b.org, c@d.org, +254 712 345 678")
	if masked != (plaintext.Masked{Emails: 2, Phones: 1}) || strings.ContainsAny(text, "@+") {
		t.Errorf("%+v in %q", masked, text)
	}
}

// What is masked stays masked, and nothing else changes the second time.
func FuzzMask(f *testing.F) {
	for _, seed := range []string{"a@b.org", "Tel: 555-1234 / 0712 345 678", "01.02.2024", "\xff@\xff.org +1", "+٠٧٩٠١٢٣٤٥٦"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, masked := plaintext.Mask(text)
		if masked == (plaintext.Masked{}) && once != text {
			t.Errorf("%q became %q, but nothing was counted", text, once)
		}
		if n := strings.Count(once, plaintext.MaskedEmail) - strings.Count(text, plaintext.MaskedEmail); n > masked.Emails {
			t.Errorf("%q: %d addresses masked, %d counted", text, n, masked.Emails)
		}
	})
}
