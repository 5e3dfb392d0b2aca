package main

import "github.com/spf13/cobra"

func (a *app) model() *cobra.Command {
	return group("model", "Make models")
}
