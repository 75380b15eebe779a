package mailtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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

// KillIMAP ends every process of this Dovecot that serves a logged-in IMAP connection, as a crash of it
// would, and tells how many there were.
func (s *Stack) KillIMAP() (killed int) {
	s.t.Helper()
	parent := fmt.Sprint(s.children[0].Process.Pid) // Dovecot's master was started first
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	s.must(err)
	for _, f := range files {
		stat, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended meanwhile
		}
		name, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if !strings.HasSuffix(name, "(imap") || len(fields) < 2 || fields[1] != parent {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		s.must(err)
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	return killed
}
