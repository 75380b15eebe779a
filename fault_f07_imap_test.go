package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models/channels"
)

// wire is a TCP line between the program and its mail server that can be cut, slowed, or made a black
// hole: open and dead, as behind a router that forgot the connection.
type wire struct {
	port int
	cut  atomic.Int64 // bytes after which a connection breaks; 0 = never
	slow atomic.Int64 // bytes per second; 0 = as fast as it goes
	came atomic.Int64 // bytes that reached the program

	mu    sync.Mutex
	holes []*atomic.Bool
}

func layWire(t testing.TB, target int) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	mustDo(t, err)
	t.Cleanup(func() { l.Close() })
	w := &wire{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(target)))
			if err != nil {
				in.Close()
				continue
			}
			dead := &atomic.Bool{}
			w.mu.Lock()
			w.holes = append(w.holes, dead)
			w.mu.Unlock()
			go w.pass(in, out, dead, false)
			go w.pass(out, in, dead, true)
		}
	}()
	return w
}

// pass copies one way until an end closes or the wire breaks. What comes to the program is slowed and
// counted; what a dead connection is given vanishes.
func (w *wire) pass(from, to net.Conn, dead *atomic.Bool, inward bool) {
	defer to.Close()
	defer from.Close()
	buffer, passed := make([]byte, 4<<10), int64(0)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			if dead.Load() {
				_, _ = io.Copy(io.Discard, from)
			}
			return
		}
		if rate := w.slow.Load(); inward && rate > 0 {
			<-time.After(time.Duration(int64(n) * int64(time.Second) / rate))
		}
		if dead.Load() {
			continue
		}
		if passed += int64(n); inward && w.cut.Load() > 0 && passed > w.cut.Load() {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
		if inward {
			w.came.Add(int64(n))
		}
	}
}

// swallow makes every open connection a black hole; later ones work.
func (w *wire) swallow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, dead := range w.holes {
		dead.Store(true)
	}
}

// imapFaults is fault F7: the way to the mail server breaks in the ways it does, and each time what was
// delivered meanwhile is there within a minute of its being mended, once.
func imapFaults(t *testing.T, f *faultRun) {
	if !mailServers() {
		t.Skip("Dovecot and Postfix are not installed, or this is not root")
	}
	stack := mailtest.Start(t)
	line := layWire(t, stack.IMAPS)
	p := newProcess(t, f.bin, t.TempDir())
	d := &doors{process: p, client: newClient(), book: newLedger(t), mailbox: stack}
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) error {
		settings := maps.Clone(stack.Settings(mailtest.Shop))
		settings["imap_port"], settings["idle_seconds"], settings["timeout_seconds"] = strconv.Itoa(line.port), "2", "3"
		_, err := prog.Channels.Add(ctx, "email", channels.Input{Settings: settings})
		return err
	})
	p.start()
	rng, total := seeded(t, 7), 0
	box := stack.Open(t, mailtest.Shop) // its own line: deliveries come whatever happens to the program's
	lot := f.size(30, 300)
	post := func(name string, n, size int) (last string) {
		for i := range n {
			last = fmt.Sprintf("%s-%d", name, i)
			filler := strings.Repeat("X-Filler: words that make this mail longer than it is\r\n", size/54)
			mustDo(t, box.Append(append([]byte(filler), rawMail(last, rng.IntN(customers))...)))
			mustDo(t, d.book.ack(last))
			total++
		}
		return last
	}
	healed := func(what, last string, began time.Time) {
		d.awaitMails(last)
		f.note(t, "%s: there after %v", what, time.Since(began).Round(100*time.Millisecond))
	}

	last := post("calm", lot, 200)
	d.awaitMails(last)

	line.cut.Store(40_000) // every connection breaks in the middle of a FETCH
	last = post("cut", lot, 6000)
	line.swallow() // and the one that stands is dead
	<-time.After(time.Duration(f.size(4, 10)) * time.Second)
	line.cut.Store(0)
	healed("cut in FETCH", last, time.Now())

	line.slow.Store(30_000)
	last = post("slow", max(lot/10, 5), 4000)
	healed("30 kB/s", last, time.Now())
	line.slow.Store(0)

	line.swallow()
	began := time.Now()
	last = post("dark", lot/2, 300)
	healed("black hole", last, began)

	stack.SetUIDValidity(mailtest.Shop, "INBOX", 4711)
	stack.Kick(mailtest.Shop)
	box = stack.Open(t, mailtest.Shop)
	last = post("renumbered", lot/2, 300)
	healed("UIDVALIDITY changed", last, time.Now())

	line.slow.Store(60_000)
	kept := post("deleted-meanwhile", max(lot/5, 5), 2000)
	stack.Expunge(mailtest.Shop, "INBOX", "calm-") // older mails go while newer ones are fetched
	line.slow.Store(0)
	healed("EXPUNGE in FETCH", kept, time.Now())

	p.stop()
	d.compare()
	mustBeConsistent(t, p.data)
	f.note(t, "%d mails, none lost or doubled", total)
}
