package email

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// proxy is a TCP proxy whose open connections can be made black holes: they stay open, but
// nothing passes any more, as behind a router that forgot them.
type proxy struct {
	port   int
	mu     sync.Mutex
	holes  []*hole
	opened int
}

// hole is one connection's switch.
type hole struct {
	mu   sync.RWMutex
	dead bool
}

func startProxy(t *testing.T, target int) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &proxy{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", target))
			if err != nil {
				in.Close()
				continue
			}
			h := &hole{}
			p.mu.Lock()
			p.holes, p.opened = append(p.holes, h), p.opened+1
			p.mu.Unlock()
			go h.pass(in, out)
			go h.pass(out, in)
		}
	}()
	return p
}

// pass copies until an end closes; what comes while the hole is dead vanishes.
func (h *hole) pass(from, to net.Conn) {
	defer to.Close()
	defer from.Close()
	io.Copy(writerFunc(func(b []byte) (int, error) {
		h.mu.RLock()
		defer h.mu.RUnlock()
		if h.dead {
			return len(b), nil
		}
		return to.Write(b)
	}), from)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// swallow makes all open connections black holes; later ones work.
func (p *proxy) swallow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.holes {
		h.mu.Lock()
		h.dead = true
		h.mu.Unlock()
	}
}

// TestBlackHole: a connection that dies without a word is noticed by the watchdog, and mail
// that came meanwhile arrives over the next one.
func TestBlackHole(t *testing.T) {
	s := mailtest.Start(t)
	p := startProxy(t, s.IMAPS)
	settings := s.Settings(mailtest.Shop)
	settings["imap_port"], settings["idle_seconds"], settings["timeout_seconds"] = strconv.Itoa(p.port), "1", "1"
	b := newBox(t)
	b.connect(settings, time.Now())
	b.live()
	p.swallow()
	s.Deliver(mailtest.Shop, "INBOX", letterOf("late"))
	began := time.Now()
	b.awaitMails(1)
	t.Logf("arrived %v after the connection had died", time.Since(began))
	if p.opened < 2 {
		t.Error("the mail came over the dead connection")
	}
}

// TestStartTLSAndKick: the other form of encryption, and a server that throws us out.
func TestStartTLSAndKick(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	settings := s.Settings(mailtest.Shop)
	settings["imap_port"], settings["imap_security"] = strconv.Itoa(s.IMAP), "starttls"
	b := newBox(t)
	b.connect(settings, time.Now())
	b.live()
	s.Kick(mailtest.Shop)
	b.await("the lost connection to be noticed", func() bool { return b.status.State != "live" })
	s.Deliver(mailtest.Shop, "INBOX", letterOf("after"))
	if in := b.awaitMails(1)[0]; in.Silent {
		t.Error("mail from between two connections is silent")
	}
}

// TestCrashResumes: the receiver is stopped in the middle of a first sync, again and again;
// every mail arrives, and only mails of an unfinished batch are fetched twice.
func TestCrashResumes(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	const count = 1000
	var mails [][]byte
	for i := range count {
		mails = append(mails, letterOf(fmt.Sprintf("m%04d", i)))
	}
	s.DeliverMany(mailtest.Shop, mails, time.Now().AddDate(0, 0, -2).Unix())
	b := newBox(t)
	for i := 1; i <= 5; i++ {
		stop := b.connect(s.Settings(mailtest.Shop), time.Now())
		b.awaitMails(i * 150)
		stop()
	}
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.awaitMails(count)
	b.live()
	if len(b.mails) != count || b.doubles > 5*2*batchMails {
		t.Errorf("%d mails, %d fetched twice", len(b.mails), b.doubles)
	}
}

// TestLargeMail: mails beyond one batch's memory arrive whole and hold nobody up, and the place that is kept
// never goes past one that is still to come.
func TestLargeMail(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	big := func(subject string) []byte {
		return append(letterOf(subject), bytes.Repeat([]byte("0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n"), 30<<20/68)...)
	}
	s.DeliverMany(mailtest.Shop, [][]byte{big("big"), letterOf("between"), big("big2"), letterOf("behind")}, 0)
	b := newBox(t)
	b.cursors["imap:INBOX"] = fmt.Sprintf(`{"uidvalidity":%d,"high":0,"floor":1}`, s.UIDValidity(mailtest.Shop, "INBOX"))
	var places []string
	b.fail = func(in models.Inbound) error { // under the box's lock; the ordinary ones of a batch come in any order
		if in.Cursor != nil && in.Cursor.Name == "imap:INBOX" {
			places = append(places, in.Cursor.Value[strings.Index(in.Cursor.Value, "high"):][6:7])
		}
		return nil
	}
	b.connect(s.Settings(mailtest.Shop), time.Now())
	var order []string
	for _, in := range b.awaitMails(4) {
		m, ok := in.Payload.(*models.MessageIn)
		if !ok || strings.HasPrefix(m.Subject, "big") && len(in.Raw) < 29<<20 {
			t.Fatalf("%s: %d octets, %T", in.ExternalID, len(in.Raw), in.Payload)
		}
		order = append(order, m.Subject)
	}
	b.live()
	b.mu.Lock()
	defer b.mu.Unlock()
	if got := strings.Join(order, " "); got != "between behind big big2" {
		t.Errorf("in the order %s", got)
	}
	if got := strings.Join(places[:3], " "); got != "0 2 4" {
		t.Errorf("the place was %s", got)
	}
}

// TestRate: 3,000 ordinary mails into a store that takes 10 ms for each commit, as a slow disk
// does, still pass the bar of 500 a second.
func TestRate(t *testing.T) {
	s := mailtest.Start(t)
	const count = 3000
	body := string(fixture(t, "reply.eml"))
	var mails [][]byte
	for i := range count {
		mails = append(mails, []byte(strings.Replace(body, "CAF1@", fmt.Sprintf("CAF%d@", i), 1)))
	}
	s.DeliverMany(mailtest.Shop, mails, time.Now().AddDate(0, 0, -2).Unix())
	b := newBox(t)
	b.delay = 10 * time.Millisecond
	began := time.Now()
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.awaitMails(count)
	rate := float64(count) / time.Since(began).Seconds()
	t.Logf("%.0f mails a second", rate)
	if rate < 500 {
		t.Errorf("%.0f mails a second, the bar is 500", rate)
	}
}
