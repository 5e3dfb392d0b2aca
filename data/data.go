// Package data carries the repository's own data inside the binary: the synthetic data set and the starter model.
//
// Importing it adds them to a program, a few megabytes. colbertlib does not import it, so that programs with a model and
// data of their own do not carry these. README.md is the data card.
package data

import (
	"embed"
	"io/fs"
)

//go:embed synthetic starter/model starter/tagger
var files embed.FS

// The folders are there, or the package would not compile: fs.Sub has no other reason to fail.
var (
	// Synthetic is the data folder data/synthetic: labels.json, labels_reworded.json, the three split files, natural.jsonl and manifest.json.
	// dataset.ReadSet reads it. It is made by synth.WriteFolder.
	Synthetic, _ = fs.Sub(files, "synthetic")

	// Starter is the folder data/starter. Its model folder "model" is a small encoder, made by "jobtagger model pretrain", and "tagger" the
	// tagger that "jobtagger reproduce starter" made from it.
	Starter, _ = fs.Sub(files, "starter")
)
