package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

// recorder is a mail server that notes what it accepted, in which round, and stalls now and then on
// either side of its 250.
type recorder struct {
	port int

	mu       sync.Mutex
	rng      *rand.Rand
	round    int
	accepted map[string][]delivery // by the words of the mail
}

type delivery struct {
	messageID string
	round     int
}

func recordMail(t testing.TB, rng *rand.Rand) *recorder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{port: l.Addr().(*net.TCPAddr).Port, rng: rng, accepted: map[string][]delivery{}}
	server := smtp.NewServer(r)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "localhost", true, log.New(io.Discard, "", 0)
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return r
}

func (r *recorder) NewSession(*smtp.Conn) (smtp.Session, error) { return &dialogue{recorder: r}, nil }

// enter begins a round.
func (r *recorder) enter(round int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.round = round
}

// stall takes up to a quarter of a second in one case of four, as a loaded server does.
func (r *recorder) stall() {
	r.mu.Lock()
	d := time.Duration(0)
	if r.rng.IntN(4) == 0 {
		d = time.Duration(r.rng.IntN(250)) * time.Millisecond
	}
	r.mu.Unlock()
	<-time.After(d)
}

type dialogue struct{ *recorder }

func (d *dialogue) AuthMechanisms() []string { return []string{sasl.Plain} }
func (d *dialogue) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}
func (d *dialogue) Mail(string, *smtp.MailOptions) error { return nil }
func (d *dialogue) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (d *dialogue) Reset()                               {}
func (d *dialogue) Logout() error                        { d.stall(); return nil }

// Data reads a mail whole, which is when it is accepted; then the 250 may take its time.
func (d *dialogue) Data(body io.Reader) error {
	m, err := netmail.ReadMessage(body)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(m.Body)
	if err != nil {
		return err // cut off: never accepted
	}
	key := ""
	for _, word := range strings.Fields(string(text)) {
		if strings.HasPrefix(word, "reply-") {
			key = word
			break
		}
	}
	d.mu.Lock()
	d.accepted[key] = append(d.accepted[key], delivery{m.Header.Get("Message-ID"), d.round})
	d.mu.Unlock()
	d.stall()
	return nil
}

// desk is staff answering through the API.
type desk struct {
	*doors
	token     string
	channels  map[string]string // by the first word of a reply's key: "reply" is mailed, "sms" is texted
	customers []models.ID
}

// crashInSending is fault F2: the program is killed while it sends what staff wrote.
func crashInSending(t *testing.T, f *faultRun) {
	rng, rounds := seeded(t, 19700101), f.size(10, 120)
	server, company := recordMail(t, seeded(t, 42)), slowTelco(t, seeded(t, 43), f.full)
	p := newProcess(t, f.bin, t.TempDir())
	d := &desk{doors: &doors{process: p, client: newClient(), book: newLedger(t)}, channels: map[string]string{}}
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) error { return d.open(ctx, prog, server.port, company) })
	var left []string
	for round := range rounds {
		alone := round%2 == 0 // with nothing else waiting, what is cut off is the next to go again
		server.enter(round)
		company.drowse(alone)
		p.start()
		each, after := f.size(10, 33), 50+rng.IntN(1450)
		if alone {
			each, after = 1, 20+rng.IntN(300)
		}
		left = d.write(round, each, time.Duration(after)*time.Millisecond, left)
		mustBeWhole(t, p.data, fmt.Sprintf("after kill %d", round+1))
	}
	server.enter(rounds)
	company.drowse(false)
	p.start()
	for _, key := range left {
		if status, answer := d.reply(key); status != http.StatusAccepted {
			t.Errorf("%s: %d %s", key, status, answer)
		}
	}
	d.drain()
	p.stop()
	f.note(t, "%d kills; %s; %s", rounds, server.judge(t, d.book), company.judge(t, d.book))
	mustBeConsistent(t, p.data)
}

// open makes the mailbox, the number, one member of staff who needs no time to undo, and the customers.
func (d *desk) open(ctx context.Context, p *Program, port int, company *telco) error {
	u, err := p.Auth.CreateUser(ctx, "mia@casa.example", "Mia Torres", models.Owner, "walnut desk in lisbon")
	if err != nil {
		return err
	}
	if err := p.Store.Write(ctx, func(tx *store.Tx) error { return store.SetProfile(tx, u.ID, u.Name, "auto", 0) }); err != nil {
		return err
	}
	if d.token, _, err = p.Auth.NewToken(ctx, u, "story", models.ScopeWrite); err != nil {
		return err
	}
	// Nobody answers at the IMAP port; sending must not mind.
	mail, err := p.Channels.Add(ctx, "email", channels.Input{Settings: map[string]string{"address": "support@casa.example", "password": "secret", "allow_private": "true",
		"imap_host": "127.0.0.1", "imap_port": "9", "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(port), "smtp_security": "none"}})
	if err != nil {
		return err
	}
	sms, err := p.Channels.Add(ctx, "twilio", channels.Input{Settings: company.settings()})
	if err != nil {
		return err
	}
	d.channels["reply"], d.channels["sms"] = mail.ID.String(), sms.ID.String()
	for n := range customers {
		id, err := p.Inbox.NewCustomer(ctx, 0, fmt.Sprint("Customer ", n), "en", []models.Hint{
			{Kind: models.EmailIdentity, Value: emailOf(n), Evidence: models.Asserted, Reason: "told by phone"},
			{Kind: models.PhoneIdentity, Value: phoneOf(n), Evidence: models.Asserted, Reason: "called"}})
		if err != nil {
			return err
		}
		d.customers = append(d.customers, id)
	}
	return nil
}

// write sends replies until the program is killed, first those whose answer was lost before: the
// client's own id keeps them single.
func (d *desk) write(round, each int, after time.Duration, left []string) []string {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	time.AfterFunc(after, func() { d.kill(); end() })
	for n := range each {
		left = append(left, fmt.Sprintf("reply-%d-%d", round, n), fmt.Sprintf("sms-%d-%d", round, n))
	}
	var cut []string
	for _, key := range left {
		if status, answer := d.reply(key); status != http.StatusAccepted {
			if status != 0 {
				d.t.Errorf("%s: %d %s", key, status, answer)
			}
			cut = append(cut, key)
		}
	}
	<-ctx.Done()
	return cut
}

func (d *desk) reply(key string) (int, []byte) {
	sum := 0
	for _, b := range []byte(key) {
		sum += int(b)
	}
	how, _, _ := strings.Cut(key, "-")
	body, _ := json.Marshal(map[string]string{"channel_id": d.channels[how], "subject": "Your question", "text": key, "client_id": key})
	status, answer := post(d.client, d.url+"/api/v1/customers/"+d.customers[sum%customers].String()+"/messages", body,
		map[string]string{"Authorization": "Bearer " + d.token, "Content-Type": "application/json"})
	if status == http.StatusAccepted {
		if err := d.book.ack(key); err != nil {
			d.t.Error(err)
		}
	}
	return status, answer
}

// drain waits until every reply was sent. One that was cut off twice waits two minutes.
func (d *desk) drain() {
	d.t.Helper()
	db := database(d.t, d.data)
	defer db.Close()
	within(d.t, 4*time.Minute, "sending", func() error {
		if rest := column(d.t, db, "SELECT m.state || ' ' || count(*) FROM messages m JOIN outbox o ON o.event_id = m.event_id WHERE m.state <> 'sent' GROUP BY m.state"); len(rest) > 0 {
			return fmt.Errorf("not all sent: %v; %v", rest, column(d.t, db, "SELECT DISTINCT error FROM outbox"))
		}
		return nil
	})
}

// judge holds what arrived against what was promised: each reply arrived; a copy only under the same
// Message-ID, and only where a kill lies between it and the one before, and no more than one a kill.
func (r *recorder) judge(t *testing.T, book *ledger) string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	mails, lost, copies := 0, 0, 0
	perRound := map[int]int{}
	for key := range book.keys {
		if !strings.HasPrefix(key, "reply-") {
			continue
		}
		mails++
		got := r.accepted[key]
		if len(got) == 0 {
			lost++
			t.Errorf("%s never arrived", key)
		}
		for i := 1; i < len(got); i++ {
			copies++
			perRound[got[i-1].round]++
			if got[i].messageID != got[0].messageID {
				t.Errorf("%s arrived under two ids: %v", key, got)
			}
			if got[i].round == got[i-1].round {
				t.Errorf("%s arrived twice without a kill between: %v", key, got)
			}
		}
	}
	if len(r.accepted) != mails {
		t.Errorf("%d different mails arrived, %d were acknowledged", len(r.accepted), mails)
	}
	for round, n := range perRound {
		if n > 1 {
			t.Errorf("kill %d doubled %d mails; a mailbox has one on its way at a time", round+1, n)
		}
	}
	return fmt.Sprintf("%d mails, %d lost, %d doubled under the same Message-ID by %d kills", mails, lost, copies, len(perRound))
}
