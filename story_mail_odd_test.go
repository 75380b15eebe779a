package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// What came while the program was down for seven days, and what is odd about some of it.
var (
	awayKeys = []string{"away-7", "away-6", "away-5", "away-4", "away-3", "away-2", "away-1"}
	oddKeys  = []string{"no-id", "no-id-either", "empty-in-reply-to", "blank-in-reply-to", "auto-submitted"}
)

// whileAway fills the mailbox while the program is down; another mail program has read all of it before the
// program comes back. Among the ordinary ones lie a mail of 40 MB and one of 5,000 parts.
func (s *mailStory) whileAway() {
	s.t.Helper()
	box, now := s.stack.Open(s.t, mailtest.Shop), time.Now()
	for i, key := range awayKeys {
		day := now.AddDate(0, 0, i-7)
		raw := fmt.Sprintf("From: Customer 2 <%s>\r\nTo: %s\r\nSubject: A question\r\nMessage-ID: <%s@example.com>\r\nDate: %s\r\n\r\n%s\r\n", emailOf(2), mailtest.Shop, key, day.Format(time.RFC1123Z), key)
		mustDo(s.t, box.Put("INBOX", []byte(raw), day))
	}
	for i, head := range []string{"", "", "Message-ID: <odd-2@example.com>\r\nIn-Reply-To:\r\nReferences: \r\n", "Message-ID: <odd-3@example.com>\r\nIn-Reply-To: <>\r\nReferences: <> < >\r\n", "Message-ID: <odd-4@example.com>\r\nAuto-Submitted: auto-replied\r\n"} {
		mustDo(s.t, box.Append([]byte(fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Odd\r\n%s\r\n%s\r\n", emailOf(10+i), mailtest.Shop, head, oddKeys[i]))))
	}
	s.stack.Deliver(mailtest.Shop, "INBOX", rawMail("ordinary-1", 3))
	s.stack.Deliver(mailtest.Shop, "INBOX", largeMail("film"))
	s.stack.Deliver(mailtest.Shop, "INBOX", rawMail("ordinary-2", 4))
	s.stack.Deliver(mailtest.Shop, "INBOX", manyParts("parts"))
	s.stack.Deliver(mailtest.Shop, "INBOX", rawMail("ordinary-3", 5))
	s.stack.MarkSeen(mailtest.Shop, "INBOX")
}

// largeMail is a mail of 40 MB, nearly all of it one file.
func largeMail(key string) []byte {
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x7"), 27)) + "\r\n"
	head := fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere is the %s.\r\n"+
		"--b\r\nContent-Type: video/mp4; name=film.mp4\r\nContent-Transfer-Encoding: base64\r\n\r\n", emailOf(6), mailtest.Shop, key, key, key)
	return []byte(head + strings.Repeat(line, 40<<20/len(line)) + "--b--\r\n")
}

// manyParts is a mail of 5,000 small files.
func manyParts(key string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere are the %s.\r\n", emailOf(7), mailtest.Shop, key, key, key)
	for i := range 5000 {
		fmt.Fprintf(&b, "--b\r\nContent-Type: application/octet-stream; name=part-%d.bin\r\n\r\npart %d\r\n", i, i)
	}
	return []byte(b.String() + "--b--\r\n")
}

// odd looks at the large mail and the one of many parts: they are there, behind the ordinary ones, shown as far
// as they can be, their originals whole; and reading them took no memory out of proportion.
func (s *mailStory) odd() {
	s.t.Helper()
	s.once("Here is the film.", "Here are the parts.")
	db := database(s.t, s.data)
	defer db.Close()
	event := func(subject string) models.ID {
		n, err := strconv.ParseInt(column(s.t, db, "SELECT event_id FROM messages WHERE subject = ?", subject)[0], 10, 64)
		mustDo(s.t, err)
		return models.ID(n)
	}
	film, parts := event("film"), event("parts")
	if last := column(s.t, db, "SELECT max(event_id) FROM messages WHERE text LIKE 'ordinary-%' OR subject = 'parts'")[0]; last > film.String() && len(last) >= len(film.String()) {
		s.t.Errorf("the large mail is entry %s, an ordinary one %s", film, last)
	}
	if size := column(s.t, db, "SELECT size FROM attachments WHERE event_id = ? AND name = 'film.mp4'", film); len(size) != 1 || len(size[0]) != 8 {
		s.t.Errorf("the film has %v bytes", size)
	}
	if n, warning := column(s.t, db, "SELECT count(*) FROM attachments WHERE event_id = ?", parts)[0], column(s.t, db, "SELECT warning FROM messages WHERE event_id = ?", parts)[0]; n == "0" || !strings.Contains(warning, "The original is kept") {
		s.t.Errorf("of the parts %s are shown, with the warning %q", n, warning)
	}
	if peak := s.peakMemory(); peak > 400<<20 {
		s.t.Errorf("reading a mail of 40 MB took %d MB of memory", peak>>20)
	} else {
		s.t.Logf("memory at its peak: %d MB", peak>>20)
	}
	prepare(s.t, s.data, s.url, func(ctx context.Context, prog *Program) error {
		for id, want := range map[models.ID]int{film: len(largeMail("film")), parts: len(manyParts("parts"))} {
			_, body, err := prog.Store.RawOf(prog.Store.Read(ctx), id)
			if err != nil {
				return err
			}
			n, err := io.Copy(io.Discard, body)
			body.Close()
			if err != nil || int(n) < want-2 || int(n) > want+2 { // the server may mend the last line end
				s.t.Errorf("of the original of entry %s %d bytes are kept, want %d (%v)", id, n, want, err)
			}
		}
		return nil
	})
}

// peakMemory is the most that the program has ever held, in bytes.
func (p *process) peakMemory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	mustDo(p.t, err)
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	n, err := strconv.ParseInt(strings.Fields(after)[0], 10, 64)
	mustDo(p.t, err)
	return n << 10
}
