//go:build unix

package notebook

import (
	"os/exec"
	"syscall"
)

// setGroup makes cmd the leader of a process group, to which everything that it starts belongs.
func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends cmd and what it started. It is no error if they have ended.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
