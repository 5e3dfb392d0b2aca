package experiment

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/internal/atomicfile"
)

const readmeFile = "README.md"

const readmeHead = `# Results

Made from the run folders by ` + "`jobtagger reproduce`, `jobtagger compare` and `jobtagger report`" + `; a test compares. Change recipes, not this page.

One row for each experiment, after its last epoch, in the latest run of each kind. The three columns of scores come from different data
or models, so that they are not to be compared digit by digit: each is read against chance and against its own interval.

`

// Readme makes results/README.md from the results folder at the root of fsys: an overview, and for each experiment the report and the plots
// of its latest run and a list of all finished ones. Unfinished runs are left out.
func Readme(fsys fs.FS) (string, error) {
	pages, err := readPages(fsys)
	if err != nil {
		return "", fmt.Errorf("experiment: results: %w", err)
	}
	overview := [][]string{{"experiment", "metrics", "published", "synthetic ads", "real ads", "verdict", "runs"}}
	var sections strings.Builder
	for _, p := range pages {
		r := p.recipe
		overview = append(overview, []string{
			fmt.Sprintf("[%s](#%s)", r.Name, r.Name), titles(r.Evaluation.Metrics), cmp.Or(r.publishedCell(r.Train.Epochs-1), "none"),
			p.reached(true), p.reached(false), string(p.verdict()), fmt.Sprint(len(p.runs)),
		})
		p.write(&sections)
	}
	return readmeHead + MarkdownTable(overview) + sections.String(), nil
}

// WriteReadme puts [Readme] into the results folder dir. It is an error if there is a README.md that somebody else wrote.
func WriteReadme(dir string) error {
	content, err := Readme(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.ToSlash(dir), err)
	}
	if err := CheckReadme(dir); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, readmeFile), []byte(content)); err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	return nil
}

// CheckReadme tells whether [WriteReadme] may write to the results folder dir: there is no page, or it is one of its own.
func CheckReadme(dir string) error {
	file := filepath.Join(dir, readmeFile)
	there, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	if first, _, _ := strings.Cut(readmeHead, "`"); !strings.HasPrefix(string(there), first) {
		return fmt.Errorf("experiment: %s is not a page of results and was left as it is; move it, or keep results in another folder (--results)", filepath.ToSlash(file))
	}
	return nil
}

// page is one experiment.
type page struct {
	recipe      Recipe
	runs        []*Run   // the oldest first
	comparisons []string // their tables, with plots
}

// readPages finds all experiments that have a recipe or a finished run.
func readPages(fsys fs.FS) ([]page, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var pages []page
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		p, err := readPage(fsys, entry.Name())
		if err != nil {
			return nil, err
		}
		if p.recipe.Name != "" {
			pages = append(pages, p)
		}
	}
	return pages, nil
}

func readPage(fsys fs.FS, name string) (page, error) {
	var p page
	dirs, err := fs.Glob(fsys, path.Join(name, "runs", "*"))
	if err != nil {
		return page{}, err
	}
	for _, dir := range dirs {
		sub, err := fs.Sub(fsys, dir)
		if err != nil {
			return page{}, err
		}
		run, err := openFS(sub)
		if errors.Is(err, ErrUnfinished) {
			continue
		}
		if err != nil {
			return page{}, fmt.Errorf("%s: %w", dir, err)
		}
		run.Dir = dir
		p.runs = append(p.runs, run)
	}
	if p.comparisons, err = readComparisons(fsys, name); err != nil {
		return page{}, err
	}
	slices.SortStableFunc(p.runs, func(a, b *Run) int { return a.Environment.Started.Compare(b.Environment.Started) })
	file := path.Join(name, "recipe.yaml")
	content, err := fs.ReadFile(fsys, file)
	switch {
	case err == nil:
		p.recipe, err = ReadRecipe(content, file)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
		switch { // of a recipe from elsewhere
		case len(p.runs) > 0:
			p.recipe = p.runs[len(p.runs)-1].Recipe
		case len(p.comparisons) > 0:
			p.recipe.Name = name
		}
	}
	return p, err
}

// shown are the plots of a comparison that stand on the page.
var shown = map[string]string{"rows": "Hits@1 of every row", "curve": "learning curve", "unseen": "labels that training never saw"}

// readComparisons reads the tables of the experiment's finished comparisons, one level further down, with their plots.
func readComparisons(fsys fs.FS, name string) (pages []string, err error) {
	tables, err := fs.Glob(fsys, path.Join(name, "comparisons", "*", tableFile))
	if err != nil {
		return nil, err
	}
	for _, file := range tables {
		content, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		text := "\n##" + strings.ReplaceAll(string(content), "\n## ", "\n#### ") + "\n"
		plots, err := fs.Glob(fsys, path.Join(path.Dir(file), "plots", "*.png"))
		if err != nil {
			return nil, err
		}
		var more []string
		for _, plot := range plots {
			name := strings.TrimSuffix(path.Base(plot), ".png")
			if what := shown[name]; what != "" {
				text += fmt.Sprintf("![%s](%s)\n", what, plot)
			} else {
				more = append(more, fmt.Sprintf("[%s](%s)", name, plot))
			}
		}
		if len(more) > 0 {
			text += fmt.Sprintf("\nMore plots: %s.\n", strings.Join(more, ", "))
		}
		pages = append(pages, text)
	}
	return pages, nil
}

// latest is the newest run on synthetic ads, or on others; nil if there is none.
func (p page) latest(synthetic bool) *Run {
	for _, run := range slices.Backward(p.runs) {
		if (run.Scores.Data == Synthetic) == synthetic {
			return run
		}
	}
	return nil
}

// reached is what the newest run of a kind reached after its last epoch.
func (p page) reached(synthetic bool) string {
	run := p.latest(synthetic)
	if run == nil {
		return "not run"
	}
	values := make([]string, len(run.Recipe.Evaluation.Metrics))
	for i, metric := range run.Recipe.Evaluation.Metrics {
		s, _ := run.lastPoint().score(metric)
		values[i] = fmt.Sprintf("%.4f", s.Value)
	}
	return fmt.Sprintf("%s (n %d)", strings.Join(values, " / "), run.Scores.Queries)
}

func (p page) verdict() Word {
	if len(p.runs) == 0 {
		return ""
	}
	return p.runs[len(p.runs)-1].Verdict()
}

func (p page) write(b *strings.Builder) {
	if len(p.runs) == 0 {
		fmt.Fprintf(b, "\n## %s\n\n%s\n\nNo run of its own yet: `jobtagger reproduce %s`.\n", p.recipe.Name, p.recipe.About, p.recipe.Name)
		b.WriteString(strings.Join(p.comparisons, ""))
		return
	}
	last := p.runs[len(p.runs)-1]
	fmt.Fprintf(b, "\n#%s\n", last.Report())
	for _, plot := range []struct{ file, text string }{{"metrics", "scores by epoch"}, {"loss", "loss and gradient norm by micro-step"}, {"confusion", "confusion matrix"}} {
		fmt.Fprintf(b, "![%s](%s/plots/%s.png)\n", plot.text, last.Dir, plot.file)
	}
	b.WriteString("\n")
	rows := [][]string{{"run", "started (UTC)", "minutes", "ads", "learning rate", "seed", "verdict", "commit", "processor"}}
	for _, run := range p.runs {
		e := run.Environment
		rows = append(rows, []string{
			fmt.Sprintf("[%s](%s)", run.ID(), run.Dir), e.Started.Format("2006-01-02 15:04"), fmt.Sprintf("%.1f", run.Finished.Sub(e.Started).Minutes()),
			run.Scores.Data, fmt.Sprint(run.Recipe.Train.LearningRate), fmt.Sprint(run.Recipe.Train.Seed), string(run.Verdict()),
			fmt.Sprintf("%.12s", e.Commit), fmt.Sprintf("%s, %d CPUs", cmp.Or(e.Processor, e.Platform), e.CPUs),
		})
	}
	b.WriteString(MarkdownTable(rows))
	b.WriteString(strings.Join(p.comparisons, ""))
}
