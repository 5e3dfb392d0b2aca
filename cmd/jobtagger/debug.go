package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/jobtagger/jobtagger/colbertlib"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/jobtagger/jobtagger/colbertlib/modelio"
	"github.com/jobtagger/jobtagger/colbertlib/tokenize"
	"github.com/spf13/cobra"
)

func (a *app) debug() *cobra.Command {
	command := group("debug", "Look into a model, in formats for scripts", a.tokenize(), a.encode(), a.score())
	command.Long = `Shows what a model makes of texts. Input is JSON lines, each a string or an
object with "text"; - is standard input.`
	return command
}

func (a *app) tokenize() *cobra.Command {
	var name string
	var asJSON bool
	command := &cobra.Command{
		Use:   "tokenize [FILE|-]",
		Short: "Print token ids and offsets",
		Long: `Prints for each text its token ids, special tokens included, and where in the
text they come from, as byte offsets [start, end) of its UTF-8 form; tokens
that are not from the text have [0, 0]. Nothing is put before the text, and
nothing is cut off.

With --json, for each line: {"ids": […], "offsets": [[start, end], …]}`,
		Example: `  echo '"Finance officer"' | jobtagger debug tokenize --model starter-base --json -`,
		Args:    arguments(cobra.MaximumNArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			texts, err := a.readLines(optional(args))
			if err != nil {
				return err
			}
			tokenizer, err := openTokenizer(command.Context(), name)
			if err != nil {
				return err
			}
			for _, t := range texts {
				if err := a.printTokens(tokenizer, t.text, asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	command.Flags().StringVar(&name, "model", experiment.Starter, modelUsage)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON lines")
	return command
}

// optional is the file that was named, or standard input.
func optional(args []string) string {
	if len(args) == 0 {
		return "-"
	}
	return args[0]
}

// openTokenizer reads a model's tokenizer, whose weights need not be there.
func openTokenizer(ctx context.Context, model string) (*tokenize.Tokenizer, error) {
	fsys, err := experiment.InspectFS(ctx, model)
	if err != nil {
		return nil, err
	}
	content, err := fs.ReadFile(fsys, "tokenizer.json")
	if errors.Is(err, fs.ErrNotExist) { // it may lie in a folder below
		var folder *modelio.Folder
		if folder, err = modelio.Open(fsys, "."); err == nil {
			content, err = folder.Tokenizer, folder.Close()
		}
	}
	if err != nil {
		return nil, err
	}
	return tokenize.New(content)
}

func (a *app) printTokens(tokenizer *tokenize.Tokenizer, t string, asJSON bool) error {
	encoding := tokenizer.Encode(t, 0)
	if asJSON {
		return a.printJSON(struct {
			IDs     []int32  `json:"ids"`
			Offsets [][2]int `json:"offsets"`
		}{encoding.IDs, encoding.Offsets})
	}
	for i, id := range encoding.IDs {
		span := encoding.Offsets[i]
		fmt.Fprintf(a.stdout, "%6d  %-16s %q\n", id, tokenizer.Token(id), t[span[0]:span[1]])
	}
	fmt.Fprintln(a.stdout)
	return nil
}

func (a *app) encode() *cobra.Command {
	var flags modelFlags
	var role, output string
	command := &cobra.Command{
		Use:   "encode --role query|document --output FILE [FILE|-]",
		Short: "Write token embeddings to a safetensors file",
		Long: `Encodes each text and writes its token embeddings as a tensor [tokens, D];
their names are "0", "1", … in the order of the input.`,
		Example: `  echo '"Finance officer"' | jobtagger debug encode --model starter-base --role query --output f.safetensors -`,
		Args:    arguments(cobra.MaximumNArgs(1)),
		RunE: func(command *cobra.Command, args []string) error {
			if role != "query" && role != "document" {
				return usageError{fmt.Errorf("--role is %q, want query or document", role)}
			}
			if output == "" {
				return usageError{errors.New("--output is missing: the safetensors file to write")}
			}
			return a.encodeFile(command.Context(), flags, role, output, optional(args))
		},
	}
	flags.add(command)
	command.Flags().StringVar(&role, "role", "", "`ROLE`: query or document")
	command.Flags().StringVar(&output, "output", "", "the safetensors `FILE` to write")
	return command
}

func (a *app) encodeFile(ctx context.Context, flags modelFlags, role, output, file string) error {
	texts, err := a.readLines(file)
	if err != nil {
		return err
	}
	var embeddings []colbertlib.Embedding
	if err := a.withModel(ctx, flags, func(model *colbertlib.Model) error {
		encode := model.EncodeDocuments
		if role == "query" {
			encode = model.EncodeQueries
		}
		bar := newProgress(a.stderr, "texts")
		defer bar.close()
		embeddings, err = encode(ctx, contents(texts), bar.texts("encoding", len(texts)))
		return err
	}); err != nil {
		return err
	}
	tensors := make([]modelio.Tensor, len(embeddings))
	for i, e := range embeddings {
		tensors[i] = modelio.NewF32(strconv.Itoa(i), []int{e.Tokens(), e.Dim}, e.Values)
	}
	return modelio.SaveSafetensors(output, tensors, nil)
}

func (a *app) score() *cobra.Command {
	var flags modelFlags
	var queryFile, documentFile string
	var asJSON bool
	command := &cobra.Command{
		Use:   "score --queries FILE --documents FILE",
		Short: "Print the MaxSim of queries and documents",
		Long: `Scores each query against each document by the model's own MaxSim.

With --json: {"scores": [[…], …]}, a row for each query; without, the same as
columns.`,
		Example: `  jobtagger debug score --model starter-base --queries q.jsonl --documents d.jsonl --json`,
		Args:    arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			if queryFile == "" || documentFile == "" {
				return usageError{errors.New("--queries and --documents are both needed")}
			}
			scores, err := a.scoreFiles(command.Context(), flags, queryFile, documentFile)
			if err != nil {
				return err
			}
			if asJSON {
				return a.printJSON(map[string]any{"scores": scores})
			}
			for _, row := range scores {
				for _, score := range row {
					fmt.Fprintf(a.stdout, "%10.4f", score)
				}
				fmt.Fprintln(a.stdout)
			}
			return nil
		},
	}
	flags.add(command)
	command.Flags().StringVar(&queryFile, "queries", "", "the `FILE` of queries")
	command.Flags().StringVar(&documentFile, "documents", "", "the `FILE` of documents")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// scoreFiles returns the scores of all pairs, a row for each query.
func (a *app) scoreFiles(ctx context.Context, flags modelFlags, queryFile, documentFile string) ([][]float64, error) {
	queries, err := a.readLines(queryFile)
	if err != nil {
		return nil, err
	}
	documents, err := a.readLines(documentFile)
	if err != nil {
		return nil, err
	}
	var scores [][]float64
	err = a.withModel(ctx, flags, func(model *colbertlib.Model) error {
		bar := newProgress(a.stderr, "texts")
		defer bar.close()
		encodedDocuments, err := model.EncodeDocuments(ctx, contents(documents), nil)
		if err != nil {
			return err
		}
		encodedQueries, err := model.EncodeQueries(ctx, contents(queries), bar.texts("encoding queries", len(queries)))
		if err != nil {
			return err
		}
		scores, err = scoreAll(model, encodedQueries, encodedDocuments)
		return err
	})
	return scores, err
}

func scoreAll(model *colbertlib.Model, queries, documents []colbertlib.Embedding) ([][]float64, error) {
	scores := make([][]float64, len(queries))
	for i, query := range queries {
		var err error
		if scores[i], err = model.Scores(query, documents); err != nil {
			return nil, fmt.Errorf("query %d: %w", i, err)
		}
	}
	return scores, nil
}
