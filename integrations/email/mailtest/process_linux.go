package mailtest

import (
	"os/exec"
	"syscall"
	"time"
)

// attributes make the servers end with the test, also when it is killed. They get no process
// group of their own: Postfix's master wants to make one itself, and gives up when it cannot.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}

// terminate asks a server to end and then makes it.
func terminate(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	force := time.AfterFunc(5*time.Second, func() { cmd.Process.Kill() })
	cmd.Wait()
	force.Stop()
}
