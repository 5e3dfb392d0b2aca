package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/figure"
	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/pretrain"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
	"github.com/spf13/cobra"
)

func (a *app) model() *cobra.Command {
	return group("model", "Check, fetch and make models", a.check(), a.pull(), a.convert(), a.export(), a.pretrain())
}

func (a *app) pretrain() *cobra.Command {
	var job pretraining
	command := &cobra.Command{
		Use:   "pretrain --recipe FILE --output FOLDER",
		Short: "Train an encoder by masked language modelling",
		Long: `Trains an encoder by masked language modelling on synthetic advertisements,
from nothing or, with --base, further from any model that has a language model
head. FOLDER gets model/, the loss of every step (loss.jsonl) and its curve
(loss.png, loss.svg). Printed is the loss after the last step, on advertisements
that training has not seen, in nats per guessed token; with --json
  {"model": …, "steps": …, "held_out": …}

The program's own encoder, starter-base, was made by the first command below.`,
		Example: `  jobtagger model pretrain --recipe data/starter/recipe.yaml --output data/starter
  jobtagger model pretrain --recipe my.yaml --base my/encoder --output my/better --json`,
		Args:    arguments(cobra.NoArgs),
		PreRunE: func(*cobra.Command, []string) error { return writable(job.output) },
		RunE: func(command *cobra.Command, _ []string) error {
			if job.recipe == "" || job.output == "" {
				return usageError{errors.New("--recipe and --output are needed")}
			}
			var err error
			if job.backend, err = a.prepareToCompute(job.backend); err != nil {
				return err
			}
			return a.runPretraining(command.Context(), job)
		},
	}
	flags := command.Flags()
	flags.StringVar(&job.recipe, "recipe", "", "the recipe `FILE`; data/starter/recipe.yaml is an example")
	flags.StringVar(&job.output, "output", "", "the `FOLDER` to write")
	flags.StringVar(&job.base, "base", "", "a `MODEL` to train further, instead of one with random weights")
	addBackend(command, &job.backend)
	flags.BoolVar(&job.asJSON, "json", false, "print JSON")
	return command
}

// pretraining is what the command line asks for.
type pretraining struct {
	recipe, output, base, backend string
	asJSON                        bool
}

// pretrained is what came of it, in JSON.
type pretrained struct {
	Model   string  `json:"model"`
	Steps   int     `json:"steps"`
	HeldOut float64 `json:"held_out"` // loss after the last step
}

func (a *app) runPretraining(ctx context.Context, job pretraining) (err error) {
	content, err := os.ReadFile(job.recipe)
	if err != nil {
		return err
	}
	recipe, err := pretrain.ReadRecipe(content, job.recipe)
	if err != nil {
		return err
	}
	opened, err := backend.Open(job.backend)
	if err != nil {
		return err
	}
	defer opened.Finalize()
	generator, err := synth.New()
	if err != nil {
		return err
	}
	texts := generator.Texts(recipe.Train.Seed, synth.Seed)
	a.warn("preparing the model")
	model, baseCard, err := a.openPretraining(ctx, opened, recipe, job.base, texts)
	if err != nil {
		return err
	}
	defer model.Close()
	if err := os.MkdirAll(job.output, 0o755); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	log, err := os.Create(filepath.Join(job.output, "loss.jsonl"))
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	curve, err := a.fitPretraining(ctx, model, recipe, texts, heldOut(generator), log)
	if err != nil {
		return err
	}
	if err := curve.write(job.output); err != nil {
		return err
	}
	card, err := encoderCard(job, content, baseCard, curve, backend.Describe(opened))
	if err != nil {
		return err
	}
	last := curve.heldOut[len(curve.heldOut)-1] // of the last step, at the least
	done := pretrained{filepath.Join(job.output, "model"), last.Step, last.Loss}
	if err := model.Save(done.Model, card); err != nil {
		return err
	}
	if job.asJSON {
		return a.printJSON(done)
	}
	_, err = fmt.Fprintf(a.stdout, "%s: loss %.3f on held-out advertisements after %d steps\n", filepath.ToSlash(done.Model), done.HeldOut, done.Steps)
	return err
}

// openPretraining makes the model, or opens base, whose card comes with it.
func (a *app) openPretraining(ctx context.Context, opened backend.Backend, recipe pretrain.Recipe, base string, texts iter.Seq[string]) (model *pretrain.Model, card []byte, err error) {
	if base == "" {
		model, err = recipe.Model(opened, texts)
		return model, nil, err
	}
	fsys, err := a.modelFS(ctx, base)
	if err != nil {
		return nil, nil, err
	}
	if card, err = modelcard.Read(fsys); err != nil {
		return nil, nil, err
	}
	folder, err := modelio.Open(fsys, ".")
	if err != nil {
		return nil, nil, err
	}
	model, err = pretrain.Open(opened, folder)
	return model, card, errors.Join(err, folder.Close())
}

// heldOut are the texts of the validation advertisements, whose patterns are partly unknown to training.
func heldOut(generator *synth.Generator) iter.Seq[string] {
	triples := generator.Set(synth.Seed).Validate
	return func(yield func(string) bool) {
		for _, triple := range triples {
			if !yield(triple.Query) {
				return
			}
		}
	}
}

// lossCurve is the loss of steps, in nats per guessed token.
type lossCurve struct{ training, heldOut []figure.StepLoss }

func (a *app) fitPretraining(ctx context.Context, model *pretrain.Model, recipe pretrain.Recipe, texts, heldOut iter.Seq[string], log io.Writer) (lossCurve, error) {
	const heldOutBatches = 8
	var curve lossCurve
	buffered := bufio.NewWriter(log)
	encoder := json.NewEncoder(buffered)
	bar := newProgress(a.stderr, "steps")
	defer bar.close()
	err := model.Fit(ctx, texts, recipe.Train, func(step pretrain.Step) error {
		curve.training = append(curve.training, figure.StepLoss{Step: step.Step, Loss: step.Loss})
		line := struct {
			pretrain.Step
			HeldOut float64 `json:"held_out,omitempty"`
		}{Step: step}
		if step.Step%recipe.Every == 0 || step.Step == recipe.Train.Steps {
			loss, err := model.Loss(ctx, heldOut, recipe.Train, heldOutBatches)
			if err != nil {
				return err
			}
			line.HeldOut = loss
			curve.heldOut = append(curve.heldOut, figure.StepLoss{Step: step.Step, Loss: loss})
		}
		bar.show(step.Step, recipe.Train.Steps, "pre-training", fmt.Sprintf(": loss %.3f", step.Loss))
		return encoder.Encode(line)
	})
	return curve, errors.Join(err, buffered.Flush())
}

func (c lossCurve) write(dir string) error {
	picture, err := figure.LossByStep("Masked language modelling: loss by step", c.training, c.heldOut)
	if err != nil {
		return err
	}
	return errors.Join(picture.WritePNG(filepath.Join(dir, "loss.png")), picture.WriteSVG(filepath.Join(dir, "loss.svg")))
}
