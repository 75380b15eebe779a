package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models/channels"
)

const corpusMails = 2000

// mail measures mails over real IMAP, end to end: from the start of the program until the last of
// 2,000 is durable, and whether each stands once, in its sender's thread.
func (b *bench) mail(t *testing.T) {
	dir, senders := corpus(t)
	stack := mailtest.Start(t)
	var mails [][]byte
	files, err := filepath.Glob(filepath.Join(dir, "eml", "*.eml"))
	if err != nil || len(files) != corpusMails {
		t.Fatalf("%d mails in the corpus: %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		b.must(err)
		mails = append(mails, raw)
	}
	stack.DeliverMany(mailtest.Shop, mails, 0)
	var rates []float64
	var cpu, idle time.Duration
	for n := range 3 {
		rate, used, idled := b.backfill(t, stack, senders, n == 2)
		rates, cpu, idle = append(rates, rate), used, idled
	}
	b.row("2,000 mails over IMAP, end to end", fmt.Sprintf("%.0f mails/s (CPU %.2f ms each), 0 split, 0 doubled", median(rates), float64(cpu.Microseconds())/1000/corpusMails),
		"≥ 500 mails/s, 0 split, 0 doubled", "15 mails/s, 80 ms CPU, 3 split, 1 doubled")
	b.row("CPU while nothing happens, mailbox of 2,000 mails", fmt.Sprintf("%.2f %% of a core", 100*idle.Seconds()/idleWatch.Seconds()), "~0", "13 % + 7 %")
}

// idleWatch is how long the program is watched while nothing happens: longer than the minute of its polls.
const idleWatch = 70 * time.Second

func (b *bench) backfill(t *testing.T, stack *mailtest.Stack, senders int, watch bool) (rate float64, cpu, idle time.Duration) {
	p := newProcess(t, b.bin, filepath.Join(t.TempDir(), "data"))
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) error {
		_, err := prog.Channels.Add(ctx, "email", channels.Input{Settings: stack.Settings(mailtest.Shop)})
		return err
	})
	db := database(t, p.data)
	defer db.Close()
	began := time.Now()
	p.start()
	eventually(t, "mails", func() error {
		if n := column(t, db, "SELECT count(*) FROM events WHERE kind = 'message'")[0]; n != strconv.Itoa(corpusMails) {
			return fmt.Errorf("%s mails are in", n)
		}
		return nil
	})
	rate, cpu = corpusMails/time.Since(began).Seconds(), p.cpu()
	for what, want := range map[string]int{
		"SELECT count(DISTINCT message_id) FROM messages": corpusMails, "SELECT count(*) FROM messages": corpusMails, "SELECT count(DISTINCT customer_id) FROM events WHERE kind = 'message'": senders,
		"SELECT count(*) FROM attachments WHERE inline = 0 OR inline = 1": 307, "SELECT count(*) FROM events WHERE kind = 'unreadable'": 0} {
		if got := column(t, db, what)[0]; got != strconv.Itoa(want) {
			t.Errorf("%s: %s, want %d", what, got, want)
		}
	}
	if watch {
		<-time.After(3 * time.Second) // the folder is closed, memory given back
		before := p.cpu()
		<-time.After(idleWatch)
		idle = p.cpu() - before
	}
	p.stop()
	mustBeConsistent(t, p.data)
	return rate, cpu, idle
}

// corpus has the load kit beside the project write its mails, and tells how many people wrote them.
func corpus(t *testing.T) (dir string, senders int) {
	t.Helper()
	shared := os.Getenv("ONETHREAD_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	generator := filepath.Join(shared, "tools", "loadkit", "gen_mail.py")
	if _, err := os.Stat(generator); err != nil {
		t.Skipf("the load kit is not at %s; set ONETHREAD_SHARED to its folder", generator)
	}
	dir = t.TempDir()
	out, err := exec.Command("python3", generator, "--out", dir, "--to", mailtest.Shop, "--now", strconv.FormatInt(time.Now().Unix(), 10), "--hours", "200").CombinedOutput()
	if err != nil {
		t.Skipf("python3 could not make the mails: %v %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "messages.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	people := map[int]bool{}
	for line := range strings.Lines(string(text)) {
		var m struct {
			Customer int `json:"customer_id"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		people[m.Customer] = true
	}
	return dir, len(people)
}
