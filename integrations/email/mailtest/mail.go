package mailtest

import (
	"bytes"
	"fmt"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings are those of an email channel on one of the mailboxes.
func (s *Stack) Settings(address string) map[string]string {
	return map[string]string{
		"address": address, "name": "The Shop", "username": address, "password": Password,
		"imap_host": s.Host, "imap_port": strconv.Itoa(s.IMAPS), "imap_security": "tls",
		"smtp_host": s.Host, "smtp_port": strconv.Itoa(s.SMTPS), "smtp_security": "tls",
		"ca_pem": s.CAPEM, "allow_private": "true",
	}
}

func (s *Stack) doveadm(input []byte, args ...string) error {
	cmd := exec.Command("doveadm", append([]string{"-c", s.path("dovecot.conf")}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("doveadm %s: %w: %s", args[0], err, out)
	}
	return nil
}

func (s *Stack) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Deliver puts a raw mail into a folder as it is, however broken.
func (s *Stack) Deliver(user, folder string, raw []byte) {
	s.t.Helper()
	s.must(s.doveadm(raw, "save", "-u", user, "-m", folder))
}

// DeliverMany puts mails straight into the mailbox's store, in order: for thousands of them.
// arrived is their INTERNALDATE, in seconds since 1970; 0 means now.
func (s *Stack) DeliverMany(user string, mails [][]byte, arrived int64) {
	s.t.Helper()
	s.must(s.doveadm(nil, "mailbox", "status", "-u", user, "messages", "INBOX")) // makes the folder
	dir := s.path("mail", user, "Maildir")
	for i, raw := range mails {
		name := fmt.Sprintf("1700000000.M%dP%d.many,S=%d", 100000+i, os.Getpid(), len(raw))
		tmp := filepath.Join(dir, "tmp", name)
		s.must(os.WriteFile(tmp, raw, 0o600))
		s.must(os.Chown(tmp, mailID, mailID))
		if arrived != 0 {
			s.must(os.Chtimes(tmp, time.Unix(arrived, 0), time.Unix(arrived, 0)))
		}
		s.must(os.Rename(tmp, filepath.Join(dir, "new", name)))
	}
}

// Messages returns the mails in a folder, oldest first, with LF line ends.
func (s *Stack) Messages(user, folder string) (mails [][]byte) {
	dir := s.path("mail", user, "Maildir")
	if folder != "INBOX" {
		dir = filepath.Join(dir, "."+folder)
	}
	var files []string
	for _, sub := range []string{"new", "cur"} {
		found, _ := filepath.Glob(filepath.Join(dir, sub, "*"))
		files = append(files, found...)
	}
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(arrival(a), arrival(b)) })
	for _, f := range files {
		if raw, err := os.ReadFile(f); err == nil {
			mails = append(mails, raw)
		}
	}
	return mails
}

// arrival makes "1700000000.M12P…" comparable: Dovecot does not pad the microseconds.
func arrival(file string) string {
	seconds, rest, _ := strings.Cut(filepath.Base(file), ".M")
	micros, _, _ := strings.Cut(rest, "P")
	return seconds + fmt.Sprintf("%9s", micros)
}

// Await waits until a folder holds n mails and returns them.
func (s *Stack) Await(user, folder string, n int) [][]byte {
	s.t.Helper()
	var got [][]byte
	s.must(poll(func() error {
		if got = s.Messages(user, folder); len(got) < n {
			return fmt.Errorf("%s holds %d mails in %s, want %d; %s", user, len(got), folder, n, s.log("postfix.log"))
		}
		return nil
	}))
	return got
}

// Seen tells how many mails of a folder are marked as read.
func (s *Stack) Seen(user, folder string) (n int) {
	s.t.Helper()
	out, err := exec.Command("doveadm", "-c", s.path("dovecot.conf"), "search", "-u", user, "mailbox", folder, "seen").Output()
	s.must(err)
	return bytes.Count(out, []byte("\n"))
}

// MarkSeen marks all mails of a folder as read, as another mail program would.
func (s *Stack) MarkSeen(user, folder string) {
	s.t.Helper()
	s.must(s.doveadm(nil, "flags", "add", "-u", user, `\Seen`, "mailbox", folder, "all"))
}

// Expunge deletes the mails of a folder whose Message-ID holds the given words.
func (s *Stack) Expunge(user, folder, words string) {
	s.t.Helper()
	s.must(s.doveadm(nil, "expunge", "-u", user, "mailbox", folder, "HEADER", "Message-ID", words))
}

// Move moves the mails of a folder whose Message-ID holds the given words to another, which must be there.
func (s *Stack) Move(user, from, to, words string) {
	s.t.Helper()
	s.must(s.doveadm(nil, "move", "-u", user, to, "mailbox", from, "HEADER", "Message-ID", words))
}

// Kick throws a user's IMAP connections out. Nobody being connected is no error.
func (s *Stack) Kick(user string) { _ = s.doveadm(nil, "kick", user) }

// SetUIDValidity changes a folder's UIDVALIDITY, as when it is restored from a backup.
func (s *Stack) SetUIDValidity(user, folder string, n uint32) {
	s.t.Helper()
	s.must(s.doveadm(nil, "mailbox", "update", "--uid-validity", fmt.Sprint(n), "-u", user, folder))
}

// UIDValidity tells a folder's UIDVALIDITY.
func (s *Stack) UIDValidity(user, folder string) (n uint32) {
	s.t.Helper()
	out, err := exec.Command("doveadm", "-c", s.path("dovecot.conf"), "-f", "flow", "mailbox", "status", "-u", user, "uidvalidity", folder).Output()
	s.must(err)
	_, err = fmt.Sscanf(string(bytes.TrimSpace(out[bytes.Index(out, []byte("uidvalidity=")):])), "uidvalidity=%d", &n)
	s.must(err)
	return n
}

// SendMail hands a mail to Postfix as the outside world does; it arrives by LMTP.
func (s *Stack) SendMail(from, to string, raw []byte) {
	s.t.Helper()
	c, err := smtp.Dial(fmt.Sprintf("127.0.0.1:%d", s.SMTP))
	s.must(err)
	defer c.Close()
	s.must(c.Mail(from))
	s.must(c.Rcpt(to))
	w, err := c.Data()
	s.must(err)
	_, err = w.Write(raw)
	s.must(err)
	s.must(w.Close())
	s.must(c.Quit())
}
