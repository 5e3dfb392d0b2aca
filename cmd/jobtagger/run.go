package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"github.com/jobtagger/jobtagger/colbertlib/backend"
	"github.com/jobtagger/jobtagger/colbertlib/experiment"
	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	fine = iota
	failure
	usage
	verdictFail
)

// app is what the verbs share.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// usageError is a mistake in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errVerdict says that a run fell short of what its recipe expects.
var errVerdict = errors.New("the verdict is FAIL: a score is below its tolerance")

const memoryAdvice = `Memory ran out. jobtagger model check estimates what a model needs. A new training needs less with --set train.activations=recompute,
a smaller train.batch_size or model.query.length; an unfinished one can go on where there is more memory.`

const permissionAdvice = `This user may not do that there. --results or --output names another folder to write to; a container writes to a mounted one if started with -u "$(id -u)".`

// run is the program: data goes to stdout, progress and complaints go to stderr, and the result is the exit status. When ctx ends, the
// work stops cleanly.
func run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer, args []string) int {
	a := &app{stdin, stdout, stderr}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return fine
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		a.warn("stopped")
	}
	return a.complain(err, command.CommandPath())
}

// complain says why a command failed and what to do about it, and returns the exit status.
func (a *app) complain(err error, command string) int {
	a.warn("%v", err)
	if backend.OutOfMemory(err) {
		fmt.Fprintln(a.stderr, memoryAdvice)
	}
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		fmt.Fprintln(a.stderr, permissionAdvice)
	}
	if unfinished := new(experiment.UnfinishedError); errors.As(err, &unfinished) && command != "jobtagger compare" { // which goes on with its runs itself
		a.warn("to go on: %s --resume %s", command, quote(unfinished.Dir))
	}
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintf(a.stderr, "See: %s --help\n", command)
		return usage
	case errors.Is(err, errVerdict):
		return verdictFail
	}
	return failure
}

func (a *app) root() *cobra.Command {
	root := group("jobtagger", "Train, judge and use ColBERT taggers of job advertisements",
		a.reproduce(), a.train(), a.eval(), a.compare(), a.report(), a.tag(), a.data(), a.model(), a.debug(), a.notebook(), a.bench(), a.doctor(), a.version())
	root.Long = `jobtagger tags aid-work job advertisements with career categories by late
interaction: the advertisement is the query, the description of a category is
the document, and the category whose description scores highest by MaxSim wins.
A new category is a new paragraph, not a new model.

MODEL is a model folder, starter (the tagger that the program carries),
starter-base (the encoder that it was trained from) or the name of a model on
the Hugging Face Hub, org/name or org/name@revision, which is fetched where the
cache does not have it. Data goes to standard output, progress and warnings to
standard error.

Exit status: 0 fine, 1 failure, 2 wrong usage, 3 a run whose scores are below
what its recipe expects.`
	root.Example = `  jobtagger reproduce                  # train and judge the default experiment, a few minutes
  jobtagger tag ad.txt                 # tag an advertisement
  jobtagger train --data FOLDER        # train on your own labels and advertisements`
	root.Version = versionLine(experiment.CurrentEnvironment(""))
	root.SetVersionTemplate("{{.Version}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	return root
}

// group is a verb that only has verbs below it.
func group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	command := &cobra.Command{
		Use: use, Short: short,
		Args: cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown verb %q; the nearest is %q", args[0], nearestVerb(command, args[0]))}
			}
			return command.Help()
		},
	}
	command.AddCommand(verbs...)
	return command
}

// nearestVerb asks cobra for names that are further and further away, until there is one.
func nearestVerb(command *cobra.Command, name string) string {
	for distance := 1; distance < 100; distance++ {
		command.SuggestionsMinimumDistance = distance
		if found := command.SuggestionsFor(name); len(found) > 0 {
			return found[0]
		}
	}
	return "help"
}

// arguments makes a wrong number of arguments a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := check(command, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}

// warn writes a line to standard error.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.stderr, "jobtagger: "+format+"\n", args...)
}
