package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/modelcard"
	"github.com/jobtagger/jobtagger/colbertlib/synth"
)

// encoderCard is the model card of an encoder that was pre-trained here; baseCard is that of the model that was trained further, if any.
func encoderCard(job pretraining, recipe, baseCard []byte, curve lossCurve, backendName string) ([]byte, error) {
	head := modelcard.Head{License: "apache-2.0", Library: "transformers", Pipeline: "fill-mask", Tags: []string{"job-advertisements"}}
	base, licence := "none: its weights were random", "Apache-2.0, like the program that made it and its texts."
	if job.base != "" {
		name := modelcard.ShortName(job.base)
		base = name
		head.License, licence = modelcard.ReadHead(baseCard).License, "that of the base model."
		if head.License == "" {
			licence = "the base model's card states none, so that this one states none either: ask its makers."
		}
		if strings.Contains(name, "/") {
			head.BaseModel = name
		}
	}
	results := "no held-out loss was measured"
	if n := len(curve.heldOut); n > 0 {
		last := curve.heldOut[n-1]
		results = fmt.Sprintf("after %d steps, %.3f nats per guessed token on the validation advertisements", last.Step, last.Loss)
	}
	e := experiment.CurrentEnvironment(backendName)
	return modelcard.Write(head, fmt.Sprintf(encoderCardBody, filepath.Base(job.output), base, synth.Seed, strings.TrimSpace(string(recipe)),
		e.Version, e.Go, e.Platform, e.Backend, results, licence))
}

const encoderCardBody = `# %s

An encoder with its masked language model head, to begin training a tagger from, made by ` + "`jobtagger model pretrain`" + `.

* Base model: %s.
* Data: advertisements that this program generates (package synth, seed %d), in English, French and Spanish. No real text.

## Recipe

` + "```yaml\n%s\n```" + `

Computed by jobtagger %s, %s, %s, %s.

## Results

The loss of masked language modelling: %s. loss.jsonl beside the model's folder has every step.

## Use

    jobtagger train --data DATA --model FOLDER
    jobtagger model check --fill "We seek a [MASK] officer." FOLDER

In Python, with transformers:

    from transformers import AutoModelForMaskedLM, AutoTokenizer
    model, tokenizer = AutoModelForMaskedLM.from_pretrained("FOLDER"), AutoTokenizer.from_pretrained("FOLDER")

## Limits

It was trained here on generated advertisements alone and is no tagger: what it is worth as a beginning shows in a tagger's scores on your own texts.

Licence: %s
`
