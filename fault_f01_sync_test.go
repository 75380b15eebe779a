package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models/channels"
)

// crashInSync is fault F1m: the program is killed again and again while it reads a mailbox for the first
// time. Every mail stands once, in its sender's thread.
func crashInSync(t *testing.T, f *faultRun) {
	if !mailServers() {
		t.Skip("Dovecot and Postfix are not installed, or this is not root")
	}
	mails, senders := f.mailbag(t)
	stack := mailtest.Start(t)
	stack.DeliverMany(mailtest.Shop, mails, time.Now().AddDate(0, 0, -2).Unix())
	line := layWire(t, stack.IMAPS)
	p := newProcess(t, f.bin, t.TempDir())
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) error {
		settings := maps.Clone(stack.Settings(mailtest.Shop))
		settings["imap_port"] = strconv.Itoa(line.port)
		_, err := prog.Channels.Add(ctx, "email", channels.Input{Settings: settings})
		return err
	})
	db := database(t, p.data)
	defer db.Close()
	in := func() int {
		n, err := strconv.Atoi(column(t, db, "SELECT count(*) FROM events WHERE kind = 'message'")[0])
		mustDo(t, err)
		return n
	}
	kills, at := f.size(4, 10), []int{}
	line.slow.Store(int64(f.size(150_000, 3_000_000))) // so that each life ends in the middle of it
	for i := range kills {
		p.start()
		eventually(t, "mails", func() error {
			if n := in(); n <= len(mails)*i/(kills+1) {
				return fmt.Errorf("%d mails are in", n)
			}
			return nil
		})
		p.kill()
		at = append(at, in())
		mustBeWhole(t, p.data, fmt.Sprintf("after kill %d", i+1))
	}
	if last := at[len(at)-1]; last >= len(mails) {
		t.Errorf("all %d mails were in before the last kill: it came too late to prove anything", last)
	}
	line.slow.Store(0)
	p.start()
	eventually(t, "the rest", func() error {
		if n := in(); n < len(mails) {
			return fmt.Errorf("%d of %d mails are in", n, len(mails))
		}
		return nil
	})
	p.stop()
	for what, want := range map[string]int{
		"SELECT count(*) FROM messages":                                                                     len(mails),
		"SELECT count(DISTINCT message_id) FROM messages":                                                   len(mails),
		"SELECT count(DISTINCT customer_id) FROM events WHERE kind = 'message'":                             senders,
		"SELECT count(DISTINCT anchor_identity_id) FROM events WHERE kind = 'message'":                      senders,
		"SELECT count(*) FROM events WHERE kind = 'unreadable' OR kind = 'message' AND customer_id IS NULL": 0,
		"SELECT count(*) FROM receipts WHERE event_id IS NULL":                                              0,
	} {
		if got := column(t, db, what)[0]; got != strconv.Itoa(want) {
			t.Errorf("%s: %s, want %d", what, got, want)
		}
	}
	mustBeConsistent(t, p.data)
	f.note(t, "killed with %v of %d mails in: each of them once, in %d threads", at, len(mails), senders)
}

// mailbag is what lies in the mailbox: 2,000 mails of the load kit in full, else 300 short ones.
func (f *faultRun) mailbag(t *testing.T) (mails [][]byte, senders int) {
	if !f.full {
		for n := range 300 {
			mails = append(mails, rawMail(fmt.Sprintf("old-%03d", n), n%customers))
		}
		return mails, customers
	}
	dir, senders := corpus(t)
	files, err := filepath.Glob(filepath.Join(dir, "eml", "*.eml"))
	mustDo(t, err)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		mustDo(t, err)
		mails = append(mails, raw)
	}
	return mails, senders
}
