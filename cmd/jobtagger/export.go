package main

import (
	"fmt"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/maxsim"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/spf13/cobra"
)

func (a *app) export() *cobra.Command {
	var flags modelFlags
	var asJSON bool
	command := &cobra.Command{
		Use:   "export MODEL FILE.onnx",
		Short: "Write encoder and head as one ONNX file",
		Long: `Writes encoder and head as one file in the ONNX format, for ONNX Runtime in any
language: input_ids and attention_mask [batch, length] int64 in, embeddings
[batch, length, D] out, of unit length and zero at padding. Batch and length are
open. Prefixes ("[Q] " of a query for example) are put before the text by the
caller, who also adds up MaxSim. It needs ONNX Runtime: doctor tells whether it
is found.

With --json, all that the caller needs:
  {"model": …, "file": …, "dim": …, "similarity": …,
   "query": {"prefix": …, "length": …}, "document": {…}}`,
		Example: `  jobtagger model export starter tagger.onnx
  jobtagger model export my/model my.onnx --json`,
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(command *cobra.Command, args []string) error {
			if filepath.Ext(args[1]) != ".onnx" {
				return usageError{fmt.Errorf("FILE is %s, want a name that ends in .onnx", args[1])}
			}
			flags.name = args[0]
			return a.withModel(command.Context(), flags, func(model *colbertlib.Model) error {
				err := model.ExportONNX(args[1])
				switch core := model.Core(); {
				case err != nil:
					return err
				case asJSON:
					return a.printJSON(exported{args[0], args[1], core.Dim(), core.Similarity, core.Query, core.Document})
				}
				_, err = fmt.Fprintf(a.stdout, "%s: embeddings of %s\n", filepath.ToSlash(args[1]), args[0])
				return err
			})
		},
	}
	command.Flags().StringVar(&flags.options.Backend, "backend", "onnx", "`NAME` of what exports: onnx, or onnx:LIBRARY")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// exported is what the user of an exported file should know, in JSON.
type exported struct {
	Model      string         `json:"model"`
	File       string         `json:"file"`
	Dim        int            `json:"dim"` // of a token embedding
	Similarity maxsim.Variant `json:"similarity"`
	Query      modelio.Role   `json:"query"`
	Document   modelio.Role   `json:"document"`
}
