package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"onethread/models"
)

// savesItself are the hosts of providers that keep a copy of what goes out through them: a second one would
// only be a double (Gmail: support.google.com/mail "Sent"; Microsoft 365: all mail submitted by SMTP AUTH).
var savesItself = []string{"gmail.com", "googlemail.com", "google.com", "office365.com", "outlook.com", "hotmail.com", "live.com"}

// wantsCopy tells whether the copy of what is sent is ours to lay into the folder of sent mail.
func wantsCopy(s settings) bool {
	switch s.saveSent {
	case "yes", "no":
		return s.saveSent == "yes"
	}
	host := strings.ToLower(strings.TrimSuffix(s.smtp.host, "."))
	return !slices.ContainsFunc(savesItself, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
}

// Copies are saved after a moment, in which a server that does so by itself has done it, and once more
// after each of the waits that follow.
var copyWaits = []time.Duration{3 * time.Second, 20 * time.Second, 2 * time.Minute, 10 * time.Minute}

// maxCopies bounds how many copies may wait to be saved.
const maxCopies = 1000

// archive lays copies of what was sent into the folder of sent mail, one after the other, in the background.
// A copy that cannot be saved, or that the program's end overtakes, is only missing there: the thread has
// the message.
type archive struct {
	settings settings
	host     models.Host
	waits    []time.Duration

	mu      sync.Mutex
	waiting []sentCopy
	working bool
}

// sentCopy is what was sent, and when.
type sentCopy struct {
	out models.Outbound
	at  time.Time
}

// add queues a copy and returns at once. What belongs to no thread (notices to staff) is not kept, nor are codes.
func (a *archive) add(out models.Outbound, at time.Time) {
	if out.EventID == 0 || out.Secret || !wantsCopy(a.settings) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.waiting) >= maxCopies {
		a.host.Log.Warn("email: too many copies of sent mail wait to be saved; one is left out", "message", out.MessageID)
		return
	}
	a.waiting = append(a.waiting, sentCopy{out, at})
	if !a.working {
		a.working = true
		go a.work()
	}
}

// work saves copies until none is left.
func (a *archive) work() {
	for {
		a.mu.Lock()
		if len(a.waiting) == 0 {
			a.working = false
			a.mu.Unlock()
			return
		}
		c := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.mu.Unlock()
		a.save(c)
	}
}

// save tries a few times to lay one copy into the folder.
func (a *archive) save(c sentCopy) {
	for i, wait := range a.waits {
		<-time.After(wait)
		ctx, cancel := context.WithTimeout(context.Background(), bodyTimeout)
		err := a.once(ctx, c)
		cancel()
		if err == nil {
			return
		}
		a.host.Log.Warn("email: the copy of a sent mail could not be saved", "message", c.out.MessageID, "attempt", i+1, "of", len(a.waits), "error", err)
		if errors.As(err, new(unsendable)) || errors.As(err, new(refused)) {
			return
		}
	}
}

// once looks for the mail in the folder and appends it where it is not.
func (a *archive) once(ctx context.Context, c sentCopy) error {
	s, err := openMailbox(ctx, a.settings.imap, a.settings.timeout, a.host)
	if err != nil {
		return err
	}
	defer s.close()
	folder, err := s.sentFolder(a.settings.sentFolder)
	if err != nil || folder == "" {
		return err // no folder for it: nobody misses a copy there
	}
	if _, err := s.examine(folder); err != nil {
		return err
	}
	if there, err := s.holds(c.out.MessageID); err != nil || there {
		return err
	}
	return s.append(folder, c, a.settings)
}

// holds tells whether the open folder has a mail of ours, under its own id or one that a provider gave it.
func (s *session) holds(id string) (there bool, err error) {
	field := func(name string) imap.SearchCriteria {
		return imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: name, Value: id}}}
	}
	err = s.within(4*s.timeout, func() error {
		data, err := s.client.UIDSearch(&imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{field("Message-ID"), field(idCopy)}}}, nil).Wait()
		if err == nil {
			there = len(data.AllUIDs()) > 0
		}
		return err
	})
	return there, err
}

// append writes the mail into the folder, marked as read. It is composed twice, once for its size, so that
// large files never stand in memory.
func (s *session) append(folder string, c sentCopy, own settings) error {
	size, err := writeCopy(c, own, io.Discard)
	if err != nil {
		return err
	}
	return s.within(bodyTimeout, func() error {
		cmd := s.client.Append(folder, size, &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: c.at})
		n, err := writeCopy(c, own, cmd)
		if err == nil && n != size {
			err = fmt.Errorf("the copy came to %d bytes instead of %d", n, size)
		}
		if err != nil {
			s.conn.Close() // half a mail must never be taken for a whole one
			return err
		}
		if err := cmd.Close(); err != nil {
			return err
		}
		_, err = cmd.Wait()
		return err
	})
}

func writeCopy(c sentCopy, own settings, w io.Writer) (int64, error) {
	mail, err := compose(c.out, own, c.at)
	if err != nil {
		return 0, unsendable{err}
	}
	return mail.WriteTo(w)
}
