package dataset_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
)

func readLabels(content string) error {
	_, err := dataset.ReadLabels(strings.NewReader(content), "f.json")
	return err
}

func readTriples(content string) error {
	_, err := dataset.ReadTriples(strings.NewReader(content), "f.json", labels)
	return err
}

func readAds(content string) error {
	_, err := dataset.ReadAds(strings.NewReader(content), "f.json", labels)
	return err
}

// Files that no reader can make sense of.
func TestBrokenFiles(t *testing.T) {
	for reader, read := range map[string]func(string) error{"labels": readLabels, "triples": readTriples, "ads": readAds} {
		t.Run(reader, func(t *testing.T) {
			checkBadFiles(t, read, []badFile{
				{"empty", "", []string{"the file is empty, expected"}},
				{"only white space", " \r\n\n", []string{"the file is empty, expected"}},
				{"only a byte order mark", "\ufeff", []string{"the file is empty, expected"}},
				{"UTF-16", "\xff\xfe[\x00", []string{"UTF-16", "save it as UTF-8"}},
				{"Latin-1", "\n\n{\"title\": \"Caf\xe9\"}", []string{"f.json:3", "byte 0xe9 in column 15", `{"title": "Caf`}},
				{"prose", "\nhello", []string{"f.json:2", "not valid JSON at column 1", "expected", "`hello`"}},
				{"cut off", "[\n{\"title\":\n", []string{"f.json:", "not valid JSON", "unexpected end"}},
				{"null", "null", []string{"f.json:1", "found n"}},
			})
		})
	}
}

func TestReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("cable cut")
	if _, err := dataset.ReadAds(iotest.ErrReader(broken), "f.json", nil); !errors.Is(err, broken) {
		t.Errorf("got %v, want it to wrap %v", err, broken)
	}
}

// A byte order mark, Windows line ends and blank lines change nothing; neither do keys that are not ours.
func TestHarmlessVariety(t *testing.T) {
	const plain = `{"id":"a","title":"T","body":"B\nC","category_id":11}` + "\n" + `{"id":"b","title":"U","body":"D"}` + "\n"
	want, err := dataset.ReadAds(strings.NewReader(plain), "f", labels)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"byte order mark": "\ufeff" + plain,
		"CRLF":            strings.ReplaceAll(plain, "\n", "\r\n"),
		"blank lines":     "\n \n" + strings.ReplaceAll(plain, "\n", "\n\n\t\n"),
		"no last newline": strings.TrimSpace(plain),
		"extra keys":      strings.ReplaceAll(plain, `{`, `{"tier":{"x":[1]},"label_origin":null,`),
	} {
		got, err := dataset.ReadAds(strings.NewReader(content), "f", labels)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: ad %d is %+v, want %+v", name, i, got[i], want[i])
			}
		}
	}
}

func TestLineOfManyMegabytes(t *testing.T) {
	body := strings.Repeat("All staff travel to the field. ", 200_000) // 6 MB
	ads, err := dataset.ReadAds(strings.NewReader(`{"title":"T","body":"`+body+`"}`), "f", nil)
	if err != nil || ads[0].Body != body {
		t.Fatalf("got error %v and a body of %d bytes, want %d", err, len(ads[0].Body), len(body))
	}
	checkBadFiles(t, readAds, []badFile{{"bad long line", "\n{\"body\":\"" + body + `"}`, []string{`f.json:2`, `"title" is missing`, "…"}}})
}
