package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

// The files of an audit.
const (
	PageFile   = "README.md"
	ReportFile = "audit.json"
)

// listed is how many ids the page names for each finding; audit.json has all of them.
const listed = 12

// Write puts the report into a folder: README.md with tables and pictures, and audit.json with every id.
func (r Report) Write(dir string) error {
	var report bytes.Buffer
	encoder := json.NewEncoder(&report)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	pictures, err := r.Pictures()
	if err != nil {
		return err
	}
	for _, picture := range pictures {
		if err := picture.WritePNG(filepath.Join(dir, picture.Name+".png")); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	for name, content := range map[string][]byte{ReportFile: report.Bytes(), PageFile: []byte(r.page(pictures))} {
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), content); err != nil {
			return fmt.Errorf("audit: %w", err)
		}
	}
	return nil
}

// Record puts the counts into the manifest of the audited folder. A folder without one stays as it is.
func (r Report) Record(dir string) error {
	findings := make([]dataset.Finding, len(r.Findings))
	for i, f := range r.Findings {
		findings[i] = dataset.Finding{Kind: f.Kind, Count: f.Count, Drawn: f.Drawn}
	}
	return dataset.RecordFindings(dir, findings)
}

// Table is the findings for a terminal, the first row being the heading.
func (r Report) Table() [][]string {
	rows := [][]string{{"finding", "all", "in splits", "an advertisement counts if it"}}
	for _, f := range r.Findings {
		rows = append(rows, []string{f.Kind, fmt.Sprint(f.Count), fmt.Sprint(f.Drawn), f.About})
	}
	return rows
}

func (r Report) page(pictures []Picture) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Audit of the data set\n\nWritten by `jobtagger data audit`. Advertisements are named by id, never quoted; %s lists every one.\n\n", ReportFile)
	b.WriteString("| | ads | from | to | languages |\n|---|---|---|---|---|\n")
	for _, s := range r.Sets {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", s.Name, s.Ads, s.From, s.To, s.languages())
	}
	b.WriteString("\n## Findings\n\n\"In the splits\" is what training and scores rest on; what is found among all only, was left out.\n\n")
	b.WriteString("| an advertisement counts if it | all | in the splits | what to do about these | for example |\n|---|---|---|---|---|\n")
	for _, f := range r.Findings {
		remedy := f.Remedy
		if f.Drawn == 0 {
			remedy = ""
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %s |\n", f.About, f.Count, f.Drawn, remedy, excerpt(f.IDs))
	}
	r.labelTable(&b)
	r.suspectTable(&b)
	for _, picture := range pictures {
		fmt.Fprintf(&b, "\n![%s](%[1]s.png)\n", picture.Name)
	}
	return b.String()
}

// excerpt lists the first ids. A long one is cut, and none can break the table.
func excerpt(ids []string) string {
	var list []string
	for _, id := range ids[:min(len(ids), listed)] {
		list = append(list, strings.NewReplacer("|", "", "`", "", "\n", " ").Replace(id[:min(len(id), 24)]))
	}
	text := strings.Join(list, ", ")
	if len(ids) > listed {
		text += ", …"
	}
	return text
}

// languages names the most frequent ones.
func (s Set) languages() string {
	codes := slices.SortedFunc(maps.Keys(s.Languages), func(a, b string) int {
		if d := s.Languages[b] - s.Languages[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var list []string
	for _, code := range codes[:min(len(codes), 5)] {
		list = append(list, fmt.Sprintf("%s %d", languageName(code), s.Languages[code]))
	}
	return strings.Join(list, ", ")
}

func languageName(code string) string {
	if code == "" {
		return "unknown"
	}
	return code
}

func (r Report) labelTable(b *strings.Builder) {
	b.WriteString("\n## Labels\n\n| label | all | train | validate | test |\n|---|---|---|---|---|\n")
	for _, label := range r.Labels {
		fmt.Fprintf(b, "| %s |", strings.ReplaceAll(label.Name, "|", "/"))
		for _, s := range r.Sets {
			fmt.Fprintf(b, " %d (%.1f %%) |", s.Labels[label.ID], 100*float64(s.Labels[label.ID])/float64(max(s.Ads-s.Labels[0], 1)))
		}
		b.WriteString("\n")
	}
}

func (r Report) suspectTable(b *strings.Builder) {
	b.WriteString("\n## The labels that are believed least\n\nMargin: the probability of the given label less that of the most probable other.\n\n| id | label | more probable | margin |\n|---|---|---|---|\n")
	name := func(id int) string {
		label, _ := dataset.LabelByID(r.Labels, id)
		return strings.ReplaceAll(label.Name, "|", "/")
	}
	for _, s := range r.Suspects[:min(len(r.Suspects), listed)] {
		fmt.Fprintf(b, "| %s | %s | %s | %.2f |\n", excerpt([]string{s.ID}), name(s.Given), name(s.Likely), s.Margin)
	}
}
