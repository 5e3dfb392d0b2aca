//go:build !unix

package notebook

import "os/exec"

// setGroup does nothing: there are no process groups.
func setGroup(*exec.Cmd) {}

// killGroup ends cmd, whose children then fail to write to it. It is no error if it has ended.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
