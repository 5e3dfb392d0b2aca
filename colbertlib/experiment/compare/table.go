package compare

import (
	"fmt"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// heads explain the sets.
var heads = map[string]string{
	Test:    "Advertisements, title and body",
	Body:    "The same without their titles",
	Natural: "Natural mix of labels, title and body",
}

// Report is the comparison in Markdown, for a terminal as well.
func (c *Comparison) Report() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Comparison: %s\n\n", c.Spec.Name)
	c.writeHead(&b)
	for _, set := range []string{Test, Natural, Body} {
		if len(c.sets[set]) == 0 {
			continue
		}
		table, err := c.Table(set)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "\n## %s (n %d)\n\n%s", heads[set], len(c.sets[set]), experiment.MarkdownTable(table))
	}
	for _, part := range []struct {
		head, note string
		table      func() ([][]string, error)
	}{
		{"Hits@1 by language", "", func() ([][]string, error) { return c.LanguageTable(Test) }},
		{"Hits@1 by language, natural mix of labels", "", func() ([][]string, error) { return c.LanguageTable(Natural) }},
		{"Hits@1 by number of advertisements to train on", "", c.CurveTable},
		{"A label that training never saw", unseenNote, c.UnseenTable},
	} {
		table, err := part.table()
		if err != nil {
			return "", err
		}
		if len(table) > 1 {
			fmt.Fprintf(&b, "\n## %s\n\n%s%s", part.head, part.note, experiment.MarkdownTable(table))
		}
	}
	return b.String(), nil
}

func (c *Comparison) writeHead(b *strings.Builder) {
	if c.Spec.Ads == "" {
		fmt.Fprintf(b, "Trained on %d advertisements; trained rows are means over %d seeds. ", c.Inputs.Train, c.Spec.Seeds)
	} else {
		fmt.Fprintf(b, "%d-fold cross-validation, dealt %d times. ", c.Spec.Folds, c.Spec.Seeds)
	}
	bases := c.Spec.bases()
	if bases == nil {
		fmt.Fprintf(b, "Untrained model: %s.\n", path.Base(filepath.ToSlash(c.Spec.Rows[0].Recipe.Model.Base)))
	} else {
		fmt.Fprintf(b, "Untrained model, of all rows but ColBERT's: %s.\n", bases[0])
	}
	b.WriteString("[low, high]: 95 % interval over advertisements")
	if len(c.languages(Test)) > 1 {
		b.WriteString(", for one language Wilson's, which is wide where they are few")
	}
	if c.Spec.Seeds >= fewestSeeds {
		b.WriteString("; ±: half of the 95 % interval over seeds")
	}
	b.WriteString(".\nAgainst: difference of Hits@1, by a paired randomisation test; ~ where it may be noise (p ≥ 0.05). Biases: one for each label and a temperature, fitted.\n" +
		"BM25: neural-cherche's, on character n-grams, as in the reported experiment; not the textbook's on words.\n")
	if len(c.sets[Validate]) > 0 {
		b.WriteString("Calibration error: of the softmax with one temperature, chosen on the validation advertisements.\n" +
			"+ BM25: mean similarity + weight · BM25, the weight chosen on the validation advertisements with the model trained on all labels" + c.weightList() + ".\n")
	}
	for i, row := range c.Spec.Rows {
		o, from := row.Recipe.Train, ""
		if bases != nil {
			from = "from " + bases[i] + "; "
		}
		fmt.Fprintf(b, "ColBERT %s: %s%s; epochs %d, micro-batches of %d triples, an update every %d, learning rate %g; texts of up to %d tokens.\n",
			row.Key, from, choices(o), o.Epochs, o.BatchSize, o.Accumulation, o.LearningRate, row.Recipe.Model.Query.Length)
	}
	b.WriteString("Choices of training that are not named are those of the reported experiment.\n")
	for _, warning := range c.Inputs.Warnings {
		fmt.Fprintf(b, "Note: %s.\n", warning)
	}
}

// choices are a recipe's loss, and whatever else of its training is not as reported; numbers that every recipe has to name are left out.
func choices(o train.Options) string {
	reported := train.NeuralCherche
	list := fmt.Sprintf("loss %s", o.Loss)
	if o.Loss == reported.Loss {
		list += " (as reported)"
	}
	for _, choice := range []struct {
		name          string
		own, reported any
	}{
		{"temperature", o.Temperature, reported.Temperature}, {"tail", o.Tail, reported.Tail}, {"schedule", o.Schedule, reported.Schedule},
		{"weight_decay", o.WeightDecay, reported.WeightDecay}, {"clip_norm", o.ClipNorm, reported.ClipNorm},
		{"dropout", o.Dropout, reported.Dropout}, {"frozen_layers", o.FrozenLayers, reported.FrozenLayers},
	} {
		if choice.own != choice.reported {
			list += fmt.Sprintf(", %s %v", choice.name, choice.own)
		}
	}
	return list
}

// bases are the rows' base models, if they are not all the same.
func (s Spec) bases() []string {
	var bases []string
	for _, row := range s.Rows {
		bases = append(bases, filepath.ToSlash(row.Recipe.Model.Base))
	}
	if len(slices.Compact(slices.Clone(bases))) < 2 {
		return nil
	}
	return bases
}

// weightList names the weights of BM25, seed by seed.
func (c *Comparison) weightList() string {
	list := ""
	for _, r := range c.rows {
		separator := "; " + strings.TrimSuffix(r.name, " + BM25") + " "
		for _, weight := range c.weights[r.key] {
			list += fmt.Sprintf("%s%.2g", separator, weight)
			separator = ", "
		}
	}
	return list
}

// Table has a line for chance and one for each row. The first line is the header.
func (c *Comparison) Table(set string) ([][]string, error) {
	judged, err := c.Judge(set, nil)
	if err != nil {
		return nil, err
	}
	header, chance := []string{""}, []string{"chance"}
	for _, metric := range metrics {
		header, chance = append(header, metric.Title()), append(chance, number(eval.Chance(metric, len(c.labels))))
	}
	header, chance = append(header, "Macro F1", "Calibration error"), append(chance, "", "")
	for _, name := range c.References() {
		header, chance = append(header, "Against "+name), append(chance, "")
	}
	table := [][]string{header, chance}
	for _, line := range judged {
		hits := line.Scores[0]
		cells := []string{line.Row, withIntervals(hits, line.Seeds)}
		for _, score := range line.Scores[1:] {
			cells = append(cells, number(score.Value))
		}
		cells = append(cells, number(line.MacroF1), number(line.Error))
		for i, name := range c.References() {
			against := line.Against[i].String()
			if line.Row == name {
				against = ""
			}
			cells = append(cells, against)
		}
		table = append(table, cells)
	}
	return table, nil
}

func number(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return fmt.Sprintf("%.3f", x)
}

// withIntervals is a score with its intervals over advertisements and, if that is known, over seeds.
func withIntervals(s eval.Summary, seeds float64) string {
	return fmt.Sprintf("%.3f [%.2f, %.2f]%s", s.Value, s.Low, s.High, plusMinus(seeds))
}

func plusMinus(half float64) string {
	if math.IsNaN(half) {
		return ""
	}
	return fmt.Sprintf(" ± %.3f", half)
}

// sizes are those of the learning curve, the whole training set last.
func (c *Comparison) sizes() []int {
	return append(slices.Sorted(slices.Values(c.Spec.Sizes)), c.Inputs.Train)
}

// CurveTable is the learning curve in numbers: means over seeds. It is empty if the spec has no sizes.
func (c *Comparison) CurveTable() ([][]string, error) {
	if len(c.Spec.Sizes) == 0 {
		return nil, nil
	}
	table := [][]string{{""}}
	for _, size := range c.sizes() {
		table[0] = append(table[0], fmt.Sprint(size))
	}
	for _, r := range c.rows {
		if !r.learns() || r.mixed() {
			continue
		}
		line := []string{r.name}
		for _, size := range c.sizes() {
			values, mean, err := meanOf(c.runs(r, Test, c.ofSize(size)), c.hits(c.sets[Test]))
			if err != nil {
				return nil, err
			}
			line = append(line, number(mean)+plusMinus(overSeeds(values)))
		}
		table = append(table, line)
	}
	return table, nil
}

func (c *Comparison) ofSize(size int) Variant {
	if size == c.Inputs.Train {
		return Variant{}
	}
	return Variant{Size: size}
}
