package compare

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/dataset"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
)

// Options say where a comparison goes and who runs its trainings.
type Options struct {
	Results string // the folder of results; the comparison's is NAME/comparisons/ID below it
	Backend string // as for [backend.Open]
	// Train runs one training trial, given the comparison's folder and the trial's name: [RunTrial], in this process (nil) or in one of its own.
	Train    func(ctx context.Context, dir, trial string) error
	Progress func(Progress)      // may be nil
	Fetching experiment.Fetching // is told how the download of the base model goes on, if there is one; may be nil
}

// Progress is how far a comparison is.
type Progress struct {
	Stage       string // what is going on
	Done, Total int    // advertisements encoded, or training trials
}

// Execute runs every trial of the comparison that is not finished, and returns what its folder then holds. It may be stopped at any
// time, and started again with the same spec, or with more seeds, sizes or labels left out: finished trials stay.
func Execute(ctx context.Context, spec Spec, options Options) (*Comparison, error) {
	if err := spec.Validate(); err != nil {
		return nil, err
	}
	corpus, err := readCorpus(spec)
	if err != nil {
		return nil, err
	}
	e := execution{spec: spec, corpus: corpus, options: options}
	if err := e.check(); err != nil {
		return nil, err
	}
	inputs, err := corpus.inputs(ctx, spec.Rows, options.Fetching)
	if err != nil {
		return nil, err
	}
	if e.spec, e.dir, err = begin(spec, corpus, inputs, options.Results); err != nil {
		return nil, err
	}
	return e.execute(ctx)
}

func (e *execution) execute(ctx context.Context) (*Comparison, error) {
	done := filepath.Join(e.dir, doneFile)
	if len(e.unfinished(false))+len(e.unfinished(true)) > 0 {
		if err := os.Remove(done); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("compare: %w", err)
		}
	}
	err := e.baselines(ctx)
	if err == nil {
		err = e.train(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("compare: %s is unfinished; the same command goes on: %w", filepath.ToSlash(e.dir), err)
	}
	if !exists(done) {
		if err := writeFile(done, []byte(time.Now().UTC().Format(time.RFC3339)+"\n")); err != nil {
			return nil, err
		}
	}
	comparison, err := Open(e.dir)
	if err != nil {
		return nil, err
	}
	return comparison, comparison.Write()
}

// execution is a comparison that is going on.
type execution struct {
	spec    Spec
	corpus  *corpus
	dir     string
	options Options
}

func (e *execution) tell(p Progress) {
	if e.options.Progress != nil {
		e.options.Progress(p)
	}
}

// check compares spec and data.
func (e *execution) check() error {
	if e.spec.LeaveOneLabelOut && len(e.corpus.labels) < 3 {
		return fmt.Errorf("compare: there are %d labels; without one of them there is nothing to tell apart", len(e.corpus.labels))
	}
	for _, size := range e.spec.Sizes {
		if size >= len(e.corpus.train) {
			return fmt.Errorf("compare: a training set of %d advertisements is asked for, but there are %d", size, len(e.corpus.train))
		}
	}
	return nil
}

// unfinished lists the trials that have no scores yet.
func (e *execution) unfinished(trained bool) (list []Trial) {
	recipes := map[string]bool{}
	for _, row := range e.spec.Rows {
		recipes[row.Key] = true
	}
	for _, trial := range e.spec.trials(labelNames(e.corpus.labels)) {
		if recipes[trial.Row] == trained && !finished(e.dir, trial) {
			list = append(list, trial)
		}
	}
	return list
}

func labelNames(labels []dataset.Label) []Label {
	var names []Label
	for _, label := range labels {
		names = append(names, Label{label.ID, label.Name})
	}
	return names
}

func (t Trial) dir(comparison string) string {
	return filepath.Join(comparison, trialsFolder, filepath.FromSlash(t.String()))
}

// finished tells whether a trial has written its scores, of which test's are the last.
func finished(comparison string, t Trial) bool { return exists(scoresFile(t.dir(comparison), Test)) }

// write writes a trial's scores, those of the test set last.
func (p part) write(dir string, all []dataset.Label, score scorer) error {
	for _, set := range p.setNames() {
		if set != Test {
			if err := writeScores(scoresFile(dir, set), all, p.sets[set], score); err != nil {
				return err
			}
		}
	}
	return writeScores(scoresFile(dir, Test), all, p.sets[Test], score)
}

// baselines runs the trials that train no model.
func (e *execution) baselines(ctx context.Context) (err error) {
	todo := e.unfinished(false)
	if len(todo) == 0 {
		return nil
	}
	recipe := e.spec.Rows[0].Recipe.Model
	model, err := untrainedModel(ctx, recipe, e.options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	environment := experiment.CurrentEnvironment(model.Core().Backend().Name())
	if err := writeJSON(filepath.Join(e.dir, environmentFile), environment); err != nil {
		return err
	}
	features, err := computeFeatures(ctx, model, e.corpus.labels, e.corpus.texts(), func(done, total int) {
		e.tell(Progress{"encoding with the untrained model", done, total})
	})
	if err != nil {
		return err
	}
	e.tell(Progress{"pooling", 0, 1})
	if err := features.pool(ctx, model, e.corpus.labels, e.corpus.texts()); err != nil {
		return err
	}
	fits := map[string]fitter{}
	for _, row := range baselines {
		fits[row.key] = row.fit
	}
	for i, trial := range todo {
		e.tell(Progress{"baselines", i, len(todo)})
		if err := ctx.Err(); err != nil {
			return err
		}
		part := e.corpus.part(trial.Variant)
		score, err := fits[trial.Row](features, e.corpus.labels, part)
		if err == nil {
			err = part.write(trial.dir(e.dir), e.corpus.labels, score)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", trial, err)
		}
	}
	return nil
}

// untrainedModel is a recipe's base model; an encoder alone gets the recipe's lengths, but no head.
func untrainedModel(ctx context.Context, recipe experiment.Model, options Options) (*colbertlib.Model, error) {
	model, err := experiment.OpenModel(ctx, recipe.Base, &colbertlib.Options{Backend: options.Backend}, options.Fetching)
	if err != nil || !model.Core().Bare {
		return model, err
	}
	if err := model.Core().SetLengths(recipe.Query.Length, recipe.Document.Length); err != nil {
		return nil, errors.Join(err, model.Close())
	}
	return model, nil
}

// train runs the training trials that are not finished, one after the other.
func (e *execution) train(ctx context.Context) error {
	run := e.options.Train
	if run == nil {
		run = func(ctx context.Context, dir, trial string) error {
			return RunTrial(ctx, dir, trial, e.options.Backend, nil)
		}
	}
	todo := e.unfinished(true)
	for i, trial := range todo {
		e.tell(Progress{"training " + trial.String(), i, len(todo)})
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := run(ctx, e.dir, trial.String()); err != nil {
			return fmt.Errorf("%s: %w", trial, err)
		}
		if !finished(e.dir, trial) {
			return fmt.Errorf("%s: the training left no scores", trial)
		}
	}
	return nil
}

// RunTrial runs one training trial of the comparison in dir: it trains by the row's recipe on the variant's part of the data and
// scores the judged advertisements. Beside the scores stands what computed them, environment.json. What it needs besides, the part and the run,
// lies in the trial's folder until it is finished.
func RunTrial(ctx context.Context, dir, name, backend string, progress func(experiment.Progress)) error {
	spec, err := readSpec(os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("compare: %s: %w", filepath.ToSlash(dir), err)
	}
	corpus, err := readCorpus(spec)
	if err != nil {
		return err
	}
	for _, trial := range spec.trials(labelNames(corpus.labels)) {
		if trial.String() != name {
			continue
		}
		for _, row := range spec.Rows {
			if row.Key == trial.Row {
				return corpus.runTrial(ctx, trial, row.Recipe, trial.dir(dir), experiment.Options{Backend: backend, Progress: progress})
			}
		}
	}
	return fmt.Errorf("compare: %s has no training trial %q", filepath.ToSlash(dir), name)
}

func (c *corpus) runTrial(ctx context.Context, trial Trial, recipe experiment.Recipe, dir string, options experiment.Options) (err error) {
	part := c.part(trial.Variant)
	work := filepath.Join(dir, "work")
	source, err := c.writePart(part, filepath.Join(work, "data"))
	if err != nil {
		return err
	}
	recipe.Data.Source, recipe.Data.Labels = source, ""
	recipe.Train.Seed = uint64(trial.Seed)
	options.Results = filepath.Join(work, "results")
	run, err := goOn(ctx, recipe, options)
	if err != nil {
		return err
	}
	model, err := colbertlib.Load(run.ModelDir(), &colbertlib.Options{Backend: options.Backend})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, model.Close()) }()
	score, err := c.scorer(ctx, model, part)
	if err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, environmentFile), run.Environment); err != nil {
		return err
	}
	if err := part.write(dir, c.labels, score); err != nil {
		return err
	}
	return os.RemoveAll(work)
}

// writePart writes the data folder that a trial trains on. Its validation advertisements are those of the labels that training knows; with
// cross-validation, where there are none, some that are trained on: nothing may be chosen on those that judge.
func (c *corpus) writePart(p part, dir string) (string, error) {
	set := dataset.Set{Labels: p.labels, Train: p.train}
	known := func(t dataset.Triple) bool { _, ok := dataset.LabelByID(p.labels, t.Label); return ok }
	for _, triple := range c.validate {
		if known(triple) {
			set.Validate = append(set.Validate, triple)
		}
	}
	if len(c.validate) == 0 {
		set.Validate = p.train[:min(5, len(p.train))]
	}
	set.Test = set.Validate
	if err := set.Write(dir, dataset.Manifest{Version: c.version, Source: "compare"}); err != nil {
		return "", err
	}
	return dir, nil
}

// scorer scores with a trained model: mean similarities of the part's advertisements to all labels.
func (c *corpus) scorer(ctx context.Context, model *colbertlib.Model, p part) (scorer, error) {
	var texts []string
	for _, set := range p.setNames() {
		for _, query := range p.sets[set] {
			texts = append(texts, query.Text)
		}
	}
	features, err := computeFeatures(ctx, model, c.labels, texts, nil)
	if err != nil {
		return nil, err
	}
	return fitMaxSim(features, c.labels, p)
}
