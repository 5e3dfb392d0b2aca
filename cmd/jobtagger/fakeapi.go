package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/jobtagger/jobtagger/colbertlib/reliefweb/fakeapi"
	"github.com/spf13/cobra"
)

func (a *app) fakeAPI() *cobra.Command {
	var address string
	options := fakeapi.Options{}
	command := &cobra.Command{
		Use:   "fake-api",
		Short: "Serve synthetic advertisements as ReliefWeb's API would",
		Long: `Serves synthetic advertisements on this computer in the way of ReliefWeb's API, version 2, with its
filters, limits, errors and irregular data, so that everything can be tried without an appname and
without a network. The appname that it approves is ` + fakeapi.Appname + `.

The address goes to standard output as soon as it answers; it serves until it is stopped (Ctrl-C).
With --faults, that share of the calls goes wrong: refused for haste (429), challenged by a firewall
(202), unavailable (503), cut off, answered with a web page, or disconnected.`,
		Example: `  jobtagger data fake-api --address 127.0.0.1:8089
  jobtagger data fake-api --address 127.0.0.1:0 --ads 500 --seed 7 --faults 0.2`,
		Args: arguments(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			if options.Jobs < 0 || options.FaultRate < 0 || options.FaultRate > 1 {
				return usageError{errors.New("--ads is a number, --faults a share from 0 to 1")}
			}
			return a.serveFake(command.Context(), address, options)
		},
	}
	flags := command.Flags()
	flags.StringVar(&address, "address", "127.0.0.1:8089", "`HOST:PORT` to listen on; port 0 takes a free one")
	flags.IntVar(&options.Jobs, "ads", 3000, "the `NUMBER` of advertisements")
	flags.Uint64Var(&options.Seed, "seed", 1, "the `SEED` of advertisements and faults")
	flags.Float64Var(&options.FaultRate, "faults", 0, "the `SHARE` of calls that go wrong")
	return command
}

func (a *app) serveFake(ctx context.Context, address string, options fakeapi.Options) error {
	api, err := fakeapi.New(options)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("data fake-api: %w; --address 127.0.0.1:0 takes a free port", err)
	}
	endpoint := "http://" + listener.Addr().String() + "/v2"
	fmt.Fprintln(a.stdout, endpoint)
	fmt.Fprintf(a.stderr, "serving %d synthetic advertisements; in another terminal:\n  jobtagger data fetch --endpoint %s --appname %s --output data/raw-fake\n", options.Jobs, endpoint, fakeapi.Appname)
	server := &http.Server{Handler: api, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // it has nothing to lose
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("data fake-api: %w", err)
	}
	return nil
}
