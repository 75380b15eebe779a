package mailtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Postbox puts mails into a mailbox over one IMAP connection, as another mail program does.
type Postbox struct{ client *imapclient.Client }

// Open logs in to a mailbox until the test ends.
func (s *Stack) Open(t testing.TB, user string) *Postbox {
	t.Helper()
	client, err := imapclient.DialInsecure(fmt.Sprintf("127.0.0.1:%d", s.IMAP), nil)
	if err == nil {
		err = client.Login(user, Password).Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return &Postbox{client}
}

// Append puts a raw mail into INBOX (RFC 9051 §6.3.12). When it returns nil the server has it.
func (p *Postbox) Append(raw []byte) error { return p.Put("INBOX", raw, time.Time{}) }

// Create makes a folder.
func (p *Postbox) Create(folder string) error { return p.client.Create(folder, nil).Wait() }

// Put puts a raw mail into a folder, as one that arrived at the given moment (its INTERNALDATE); the zero
// time means now.
func (p *Postbox) Put(folder string, raw []byte, arrived time.Time) error {
	c := p.client.Append(folder, int64(len(raw)), &imap.AppendOptions{Time: arrived})
	if _, err := c.Write(raw); err != nil {
		return err
	}
	if err := c.Close(); err != nil {
		return err
	}
	_, err := c.Wait()
	return err
}
