package experiment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/eval"
	"github.com/jobtagger/jobtagger/colbertlib/hub"
	"github.com/jobtagger/jobtagger/colbertlib/train"
)

// Options say where a run goes and who watches it.
type Options struct {
	Results  string         // the folder of results; the run's is NAME/runs/ID below it
	Backend  string         // as for [backend.Open]
	Progress func(Progress) // is told how the run goes on, often; may be nil
	Fetching Fetching       // is told how the download of the base model goes on, if there is one; may be nil
	Resume   string         // an unfinished run's folder, to go on from its last checkpoint; empty for a new run
	Save     time.Duration  // at most so often is a checkpoint written; 0 for a minute, or more where writing takes long
}

// Progress is how far a run is.
type Progress struct {
	Phase Phase
	Epoch int     // -1 before training
	Step  int     // micro-steps done
	Steps int     // micro-steps in all
	Loss  float64 // of the last micro-step
	Done  int     // work done, in ads that were encoded: training on one counts as three
	Total int     // work in all
}

// Phase names what a run is doing.
type Phase string

// The phases of a run, of which Evaluate and Train alternate; Compile comes before what Train does first with texts of some length.
const (
	Load     Phase = "load"
	Evaluate Phase = "evaluate"
	Compile  Phase = "compile"
	Train    Phase = "train"
	Write    Phase = "write"
)

// trainingCost is the cost of training on an ad in terms of encoding one: the backward pass costs about twice the forward pass.
const trainingCost = 3

// execution is a run that is going on.
type execution struct {
	run      *Run
	corpus   corpus
	model    *colbertlib.Model
	trainer  *train.Trainer
	report   func(Progress)
	progress Progress
	every    time.Duration // between two checkpoints; 0 for the default
	saved    time.Time     // when the last one was written
	saving   time.Duration // how long that took
}

// Execute runs an experiment and returns what its folder then holds. It fails early where it can: recipe, data, model and folder are
// checked before anything is computed.
//
// Until the run folder has the file DONE, it has a checkpoint, from which options.Resume goes on after an error, a crash or a cancelled
// context. However often it was interrupted, a run's files are the same to the bit, but for the seconds in metrics.jsonl and the times in
// environment.json and DONE. Errors after the folder was made are of type [*UnfinishedError].
func Execute(ctx context.Context, recipe Recipe, options Options) (_ *Run, err error) {
	e, err := begin(ctx, recipe, options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	err = e.execute(ctx)
	if err != nil && errors.Is(err, ctx.Err()) { // steps are never interrupted, so that the parameters are sound
		err = errors.Join(err, e.save())
	}
	if err != nil {
		return nil, &UnfinishedError{e.run.Dir, err}
	}
	return Open(e.run.Dir)
}

// UnfinishedError is why a run ended before its time.
type UnfinishedError struct {
	Dir string // the run folder, which can be resumed
	Err error
}

// Error says what stands in the way, and how to go on.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("experiment: %s is unfinished: %v", filepath.ToSlash(e.Dir), e.Err)
}

// Unwrap returns the reason.
func (e *UnfinishedError) Unwrap() error { return e.Err }

func (e *execution) close() (err error) {
	if e.trainer != nil {
		err = e.trainer.Close()
	}
	if e.model != nil {
		err = errors.Join(err, e.model.Close())
	}
	return err
}

// begin checks everything, reads the inputs and makes the run folder.
func begin(ctx context.Context, recipe Recipe, options Options) (_ *execution, err error) {
	if err := recipe.Validate(); err != nil {
		return nil, err
	}
	e := &execution{run: &Run{Recipe: recipe}, report: options.Progress, every: options.Save, saved: time.Now()}
	if e.report == nil {
		e.report = func(Progress) {}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	e.report(Progress{Phase: Load, Epoch: untrained})
	if err := e.load(ctx, options); err != nil {
		return nil, err
	}
	n := len(e.corpus.triples)
	if recipe.Train.Updates(n) == 0 {
		return nil, fmt.Errorf("experiment: recipe %s: accumulation over %d of %d micro-steps makes no update: lower train.accumulation, raise train.epochs or set train.tail=flush",
			recipe.Name, recipe.Train.Accumulation, recipe.Train.MicroSteps(n))
	}
	if e.trainer, err = train.New(e.model.Core(), train.Data{Triples: e.corpus.triples, Labels: e.corpus.labels}, recipe.Train); err != nil {
		return nil, err
	}
	e.trainer.Compiling = func() { e.tell(Compile, e.trainer.Epochs(), 0) }
	e.progress = Progress{
		Steps: recipe.Train.MicroSteps(n),
		Total: (recipe.Train.Epochs+1)*len(e.corpus.queries) + recipe.Train.Epochs*n*trainingCost,
	}
	e.run.Scores = newScores(e.run.Recipe, e.corpus)
	e.run.Environment = CurrentEnvironment(backend.Describe(e.model.Core().Backend()))
	if options.Resume == "" {
		return e, e.run.makeFolder(options.Results)
	}
	if err := e.resume(options.Resume); err != nil {
		return nil, fmt.Errorf("experiment: resume %s: %w", filepath.ToSlash(options.Resume), err)
	}
	return e, nil
}

// load reads data and model. Where both are missing, the error says how to get both.
func (e *execution) load(ctx context.Context, options Options) error {
	recipe, inputs := &e.run.Recipe, &e.run.Inputs
	dataFS, dataErr := DataFS(recipe.Data.Source)
	if dataErr == nil {
		e.corpus, dataErr = recipe.Data.read(dataFS, inputs)
	}
	base, modelErr := findModel(ctx, recipe.Model.Base, func(client *hub.Client, ref hub.Ref) (foundModel, error) {
		if dataErr != nil { // a download would be for nothing
			return snapshot(client.Cached(ref))
		}
		client.Progress = options.Fetching
		return snapshot(client.Snapshot(ctx, ref))
	})
	if err := errors.Join(obtain(dataErr, recipe.Data.Obtain), obtain(modelErr, recipe.Model.Obtain)); err != nil {
		return err
	}
	model, err := colbertlib.LoadFS(base, &colbertlib.Options{Backend: options.Backend})
	if err != nil {
		return obtain(fmt.Errorf("experiment: model %s: %w", recipe.Model.Base, err), recipe.Model.Obtain)
	}
	inputs.Commit, inputs.License = base.commit, base.license()
	if inputs.Model, err = hashModel(base); err == nil {
		err = recipe.Model.prepare(model, recipe.Train.Seed, inputs)
	}
	if err != nil {
		return errors.Join(err, model.Close())
	}
	e.model = model
	return nil
}

// execute does the work: evaluate, train with an evaluation and a checkpoint after each epoch, write.
func (e *execution) execute(ctx context.Context) error {
	for {
		for evaluated := len(e.run.Scores.Points); evaluated <= e.trainer.Epochs(); evaluated++ {
			if err := e.evaluate(ctx, evaluated-1); err != nil {
				return err
			}
			if err := e.save(); err != nil {
				return err
			}
		}
		if e.trainer.Done() || e.run.impatient() {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		step, err := e.trainer.Step()
		if err != nil {
			return err
		}
		e.run.Steps = append(e.run.Steps, step)
		e.trained(step)
		if err := e.saveIfDue(); err != nil {
			return err
		}
	}
	e.progress.Done = e.progress.Total // also where it stopped early
	e.tell(Write, e.progress.Epoch, 0)
	return e.finish()
}

// trained counts the work of a micro-step.
func (e *execution) trained(step train.Step) {
	e.progress.Step, e.progress.Loss = step.Step+1, step.Loss
	options := e.run.Recipe.Train
	first := step.Step % (e.progress.Steps / options.Epochs) * options.BatchSize // triple of the epoch
	e.tell(Train, step.Epoch, trainingCost*min(options.BatchSize, len(e.corpus.triples)-first))
}

// evaluate ranks and judges with the model as it is, and writes the run folder anew.
func (e *execution) evaluate(ctx context.Context, epoch int) error {
	e.tell(Evaluate, epoch, 0)
	before := 0
	ranking, err := Rank(ctx, e.model, e.corpus.labels, e.corpus.queries, e.run.Recipe.Evaluation.Candidates, func(done int) {
		e.tell(Evaluate, epoch, done-before)
		before = done
	})
	if err != nil {
		return err
	}
	scores, err := Judge(e.corpus.queries, ranking, e.run.Recipe.Evaluation.Metrics)
	if err != nil {
		return err
	}
	point := Point{Name: pointName(epoch), Epoch: epoch, Scores: scores, ranking: ranking}
	if steps := e.run.Steps; len(steps) > 0 {
		point.Updates = steps[len(steps)-1].Updates
	}
	if epoch == untrained {
		e.run.Inputs.Warnings = append(e.run.Inputs.Warnings, e.lost(ranking)...)
	}
	e.run.Scores.Points = append(e.run.Scores.Points, point)
	if e.run.Recipe.Evaluation.Patience > 0 && e.run.kept().Epoch == epoch {
		if err := e.saveTo(bestFile); err != nil {
			return err
		}
	}
	return e.run.write(e.corpus.queries)
}

// lost warns of queries whose right label is not among the candidates, so that no model can rank it.
func (e *execution) lost(ranking eval.Run) []string {
	n := 0
	for _, query := range e.corpus.queries {
		if ranking[query.ID].Rank(eval.LabelID(query.Label)) == 0 {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("the candidates of %d of the %d evaluated ads lack the right label, which counts as not found", n, len(e.corpus.queries))}
}

func (e *execution) tell(phase Phase, epoch, work int) {
	e.progress.Phase, e.progress.Epoch = phase, epoch
	e.progress.Done += work
	e.report(e.progress)
}

// finish writes what stands at the end only, DONE, and removes the checkpoint.
func (e *execution) finish() error {
	if err := e.run.Write(); err != nil {
		return err
	}
	if err := e.restoreBest(); err != nil {
		return err
	}
	if err := e.saveModel(); err != nil {
		return err
	}
	if err := e.run.done(); err != nil {
		return err
	}
	if err := os.RemoveAll(e.run.path(checkpointFolder)); err != nil {
		return fmt.Errorf("experiment: %w", err)
	}
	return nil
}

// missing are the errors that say that something is not there.
var missing = []error{fs.ErrNotExist, hub.ErrIncomplete, hub.ErrOffline, hub.ErrUnreachable, hub.ErrNoAccess, hub.ErrNotFound}

// obtain adds to an error about something missing what the recipe says on how to get it.
func obtain(err error, how string) error {
	if how != "" && slices.ContainsFunc(missing, func(kind error) bool { return errors.Is(err, kind) }) {
		return fmt.Errorf("%w\n%s", err, how)
	}
	return err
}

// lastPoint is the evaluation after the last epoch.
func (r *Run) lastPoint() Point { return r.Scores.Points[len(r.Scores.Points)-1] }
