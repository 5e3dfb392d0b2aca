package main

import (
	"fmt"
	"path/filepath"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/spf13/cobra"
)

func (a *app) export() *cobra.Command {
	var flags modelFlags
	command := &cobra.Command{
		Use:   "export MODEL FILE.onnx",
		Short: "Write encoder and head as one ONNX file",
		Long: `Writes encoder and head as one file in the ONNX format, for ONNX Runtime in any
language: input_ids and attention_mask [batch, length] int64 in, embeddings
[batch, length, D] out, of unit length and zero at padding. Batch and length are
open. Prefixes ("[Q] " of a query for example, see jobtagger.json) are put before
the text by the caller, who also adds up MaxSim. It needs ONNX Runtime: doctor
tells whether it is found.`,
		Example: `  jobtagger model export starter tagger.onnx`,
		Args:    arguments(cobra.ExactArgs(2)),
		RunE: func(command *cobra.Command, args []string) error {
			if filepath.Ext(args[1]) != ".onnx" {
				return usageError{fmt.Errorf("FILE is %s, want a name that ends in .onnx", args[1])}
			}
			flags.name = args[0]
			if err := a.withModel(command.Context(), flags, func(model *colbertlib.Model) error { return model.ExportONNX(args[1]) }); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "%s: embeddings of %s\n", filepath.ToSlash(args[1]), args[0])
			return nil
		},
	}
	command.Flags().StringVar(&flags.options.Backend, "backend", "onnx", "`NAME` of what exports: onnx, or onnx:LIBRARY")
	return command
}
