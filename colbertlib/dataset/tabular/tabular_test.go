package tabular_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/dataset/tabular"
)

var labels = []dataset.Label{{ID: 1, Name: "Water", Description: "Wells."}, {ID: 2, Name: "Logistics/Procurement", Description: "Trucks."}}

func read(name, content string, columns tabular.Columns) (ads []dataset.Ad, err error) {
	for ad, err := range tabular.Read(strings.NewReader(content), name, columns, labels) {
		if err != nil {
			return ads, err
		}
		ads = append(ads, ad)
	}
	return ads, nil
}

func TestRead(t *testing.T) {
	digger := dataset.Ad{ID: "a1", Title: "Digger", Body: "Digs,\nwells", Label: 1, Second: 2, Date: "2026-05-31", Employer: "Example Org", Language: "en"}
	driver := dataset.Ad{ID: "2", Title: "Driver", Body: "Drives; far", Label: 2}
	own := tabular.Columns{"title": "Job title", "body": "Text", "category": "Sector", "id": "Ref", "date": "Posted", "employer": "Org", "language": "lang"}
	for name, test := range map[string]struct {
		file, content string
		columns       tabular.Columns
		want          []dataset.Ad
	}{
		"comma": {"ads.csv", "id,title,body,category,date,employer,language\na1,Digger,\"Digs,\nwells\",Water|2,2026-05-31T08:00:00Z,Example Org,en\n2,Driver,Drives; far,logistics/procurement,,,\n", nil, []dataset.Ad{digger, driver}},
		"semicolon, other names, other order, byte order mark": {"ads.CSV", "\ufeffSector;Ref;Job title;Text;Posted;Org;lang;extra\r\n\"1;2\";a1;Digger;\"Digs,\nwells\";2026-05-31;Example Org;en;x\r\n", own, []dataset.Ad{digger}},
		"tab":           {"ads.tsv", "title\tbody\tid\tcategory\nDriver\tDrives; far\t2\t2\n", nil, []dataset.Ad{driver}},
		"JSON lines":    {"ads.jsonl", "{\"id\":\"a1\",\"title\":\"Digger\",\"body\":\"Digs,\\nwells\",\"category\":[\"Water\",2],\"date\":\"2026-05-31\",\"employer\":\"Example Org\",\"language\":\"en\"}\n\n{\"id\":2,\"title\":\"Driver\",\"body\":\"Drives; far\",\"category_id\":2,\"x\":{}}", nil, []dataset.Ad{digger, driver}},
		"other label":   {"ads.csv", "title,body,id,category\nT,B,7,Other\n", nil, []dataset.Ad{{ID: "7", Title: "T", Body: "B"}}},
		"nothing in it": {"ads.csv", "title,body\n", nil, nil},
	} {
		got, err := read(test.file, test.content, test.columns)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", name, err, got, test.want)
		}
	}
}

func TestAdsWithoutIDKeepTheirsWhenTheTableGrows(t *testing.T) {
	before, err := read("a.csv", "title,body\nT,one\nT,two\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := read("a.csv", "title,body\nT,new\nT,two\nT,one\n", nil)
	if err != nil || after[2].ID != before[0].ID || after[1].ID != before[1].ID || after[0].ID == before[0].ID {
		t.Errorf("%v: %+v, %+v", err, before, after)
	}
}

func TestBadFiles(t *testing.T) {
	for name, test := range map[string]struct{ file, content, want string }{
		"empty":            {"a.csv", "", "the file is empty"},
		"no title":         {"a.csv", "titel,body\nx,y\n", `no column is called "title" (title); the nearest is "titel", all are titel, body; --columns title=NAME`},
		"too many cells":   {"a.csv", "title,body\nx,y,z\n", "line 2: wrong number of fields"},
		"open quote":       {"a.csv", "title,body\nx,\"y\n", "parse error"},
		"white space":      {"a.csv", "id,title,body\na b,x,y\n", `line 2: the id "a b" has white space in it`},
		"date":             {"a.csv", "date,title,body\n31/05/2026,x,y\n", `line 2: the date "31/05/2026" is not of the form`},
		"no JSON":          {"a.jsonl", "{\"title\":\"x\",\"body\":\"y\"}\nx", "line 2 is no JSON object"},
		"JSON array":       {"a.json", "[1]", "line 1 is no JSON object"},
		"JSON without":     {"a.jsonl", `{"title":"x","text":"y"}`, `line 1: no column is called "body"`},
		"Latin-1":          {"a.csv", "title,body\nx,y\nComptable,G\xe8re les comptes\n", "line 3: body is not UTF-8; save the file as UTF-8"},
		"JSON in Latin-1":  {"a.jsonl", "{\"title\":\"x\",\"body\":\"G\xe8re\"}", "line 1: the text is not UTF-8"},
		"unknown kind":     {"a.xlsx", "", "must end in .csv, .tsv or .jsonl"},
		"a column that is": {"a.csv", "title,body\nx,y\n", ""},
	} {
		_, err := read(test.file, test.content, nil)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if _, err := read("a.csv", "title,body\nx,y\n", tabular.Columns{"employer": "Org"}); err == nil || !strings.Contains(err.Error(), `"Org" (employer)`) {
		t.Errorf("a named column that is missing: %v", err)
	}
}

func TestCapitalsOfColumnsDoNotMatter(t *testing.T) {
	for file, content := range map[string]string{"a.csv": "TITLE,Text\nx,y\n", "a.jsonl": `{"TITLE":"x","Text":"y","title":null}`} {
		ads, err := read(file, content, tabular.Columns{"body": "text"})
		if err != nil || len(ads) != 1 || ads[0].Title != "x" || ads[0].Body != "y" {
			t.Errorf("%s: %+v, %v", file, ads, err)
		}
	}
}

func TestParseColumns(t *testing.T) {
	got, err := tabular.ParseColumns("title=Job title, body = Description")
	if err != nil || len(got) != 2 || got["title"] != "Job title" || got["body"] != "Description" {
		t.Errorf("%v, %v", got, err)
	}
	for text, want := range map[string]string{"titel=x": `nearest is "title"`, "title": "expected FIELD=COLUMN", "title=": "expected FIELD=COLUMN"} {
		if _, err := tabular.ParseColumns(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func ExampleRead() {
	file := strings.NewReader("Ref;Job title;Description;Sector\n17;Well digger;Digs **wells**.;Water\n")
	columns, err := tabular.ParseColumns("id=Ref,title=Job title,body=Description,category=Sector")
	if err != nil {
		fmt.Println(err)
		return
	}
	for ad, err := range tabular.Read(file, "ads.csv", columns, labels) {
		fmt.Println(ad.ID, ad.Title, ad.Body, ad.Label, err)
	}
	// Output: 17 Well digger Digs **wells**. 1 <nil>
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"title,body\na,b\n", "title;body\n\"a\n", `{"title":1,"body":[1,{"x":null}]}`, "\xff", "title\tbody\tdate\na\tb\t2026-01-01"} {
		f.Add("a.csv", seed)
		f.Add("a.jsonl", seed)
	}
	f.Fuzz(func(t *testing.T, name, content string) {
		ads, err := read(name, content, nil)
		if err != nil && !strings.HasPrefix(err.Error(), "tabular: ") {
			t.Errorf("error without its origin: %v", err)
		}
		for _, ad := range ads {
			if ad.ID == "" || strings.ContainsAny(ad.ID, " \n") {
				t.Errorf("the id is %q", ad.ID)
			}
		}
	})
}
