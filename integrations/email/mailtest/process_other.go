//go:build !linux

package mailtest

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func terminate(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}

// KillIMAP finds no process: the servers' tests run on Linux alone.
func (s *Stack) KillIMAP() int { return 0 }
