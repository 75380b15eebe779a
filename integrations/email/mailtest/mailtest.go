// Package mailtest starts a real Dovecot and a real Postfix for tests: on free loopback ports,
// in a folder of their own, with three mailboxes at example.test. Several may run at a time.
package mailtest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Password is that of every mailbox.
const Password = "secret"

// The mailboxes that exist.
const (
	Shop  = "shop@example.test"
	Alice = "alice@example.test"
	Bob   = "bob@example.test"
)

// patience bounds every wait for the servers.
const patience = 30 * time.Second

// Stack is a running pair of mail servers. All ports are on 127.0.0.1; the certificate is for
// localhost.
type Stack struct {
	Host     string // "localhost"
	CAPEM    string // the authority that signed the certificate
	IMAPS    int    // IMAP, TLS from the first byte
	IMAP     int    // IMAP, STARTTLS or plain
	SMTPS    int    // submission, TLS from the first byte, login needed
	Submit   int    // submission, STARTTLS, login needed
	SMTP     int    // takes mail for example.test from anybody, as from the outside world
	OAuth    *OAuth // gives access tokens that both servers take
	lmtp     int
	oauth    int
	web      *http.Server
	dir      string
	t        testing.TB
	children []*exec.Cmd
}

// Start starts the servers and stops them when the test ends. Without root, or where Dovecot or
// Postfix is not installed, the test is skipped and says so.
func Start(t testing.TB) *Stack {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("mail server tests need root: Dovecot and Postfix change users")
	}
	for _, program := range []string{"dovecot", "doveadm", postfixMaster} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing: apt-get install dovecot-imapd dovecot-lmtpd postfix", program)
		}
	}
	var err error
	for range 3 { // another program may take a port between its choice and its use
		s := &Stack{Host: "localhost", t: t}
		if err = s.start(); err == nil {
			t.Cleanup(s.stop)
			return s
		}
		s.stop()
	}
	t.Fatalf("the mail servers did not start: %v", err)
	return nil
}

func (s *Stack) start() (err error) {
	if s.dir, err = os.MkdirTemp("", "mailtest-"); err != nil {
		return err
	}
	ports := []*int{&s.IMAPS, &s.IMAP, &s.SMTPS, &s.Submit, &s.SMTP, &s.lmtp, &s.oauth}
	if err := freePorts(ports); err != nil {
		return err
	}
	if s.OAuth, s.web, err = startOAuth(s.oauth); err != nil {
		return err
	}
	if err := s.writeFiles(); err != nil {
		return err
	}
	s.spawn("dovecot", "-F", "-c", s.path("dovecot.conf"))
	// Postfix's own start script checks and repairs for seconds and leaves its master behind when
	// killed; the master itself is enough, and is ours to end.
	s.spawn(postfixMaster, "-c", s.path("pf"), "-s")
	for _, port := range ports {
		if err := s.awaitPort(*port); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stack) path(parts ...string) string {
	return filepath.Join(append([]string{s.dir}, parts...)...)
}

// freePorts holds all ports open at once, so that no two are the same.
func freePorts(into []*int) error {
	for _, p := range into {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		*p = l.Addr().(*net.TCPAddr).Port
	}
	return nil
}

func (s *Stack) spawn(name string, args ...string) {
	log, _ := os.Create(s.path(filepath.Base(name) + ".out"))
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "MAIL_CONFIG="+s.path("pf")) // for the programs that Postfix's master starts
	cmd.SysProcAttr = attributes()
	if err := cmd.Start(); err == nil {
		s.children = append(s.children, cmd)
	}
}

func (s *Stack) awaitPort(port int) error {
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	return poll(func() error {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err != nil {
			return fmt.Errorf("%w; %s %s %s", err, s.log("dovecot.out"), s.log("master.out"), s.log("postfix.log"))
		}
		return conn.Close()
	})
}

// poll repeats a check until it passes or patience ends.
func poll(check func() error) error {
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		<-tick.C
	}
}

func (s *Stack) log(name string) string {
	b, _ := os.ReadFile(s.path(name))
	return string(b[max(0, len(b)-2000):])
}

// stop ends both servers and removes their folder.
func (s *Stack) stop() {
	if s.dir == "" {
		return
	}
	if s.web != nil {
		s.web.Close()
	}
	for _, cmd := range s.children {
		terminate(cmd)
	}
	os.RemoveAll(s.dir)
}
