package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"onethread/models"
	"onethread/models/powertest"
)

// recorded is a recorded life of the program on a fresh data folder: from the first command to a clean
// stop.
type recorded struct {
	data   string
	traces []trace
	mu     sync.Mutex
	keys   map[string]string // what was promised, by the event's id
}

// trace is the record of one process, and what its end promises.
type trace struct{ path, says string }

const straceArgs = "-f -y -xx -s 1000000 -e trace=" + powertest.Calls + " -o"

// record runs the program under strace while events and files come in, from four sides at once.
func record(t *testing.T, bin string, events int, rng *rand.Rand) *recorded {
	t.Helper()
	r := &recorded{data: t.TempDir(), keys: map[string]string{}}
	logs := t.TempDir()
	wrapper := filepath.Join(logs, "onethread")
	mustDo(t, os.WriteFile(wrapper, fmt.Appendf(nil, "#!/bin/sh\nexec strace -D %s %s %s\n", straceArgs, filepath.Join(logs, "serve"), bin), 0o700))
	p := newProcess(t, wrapper, r.data, trusted) // visitors come from addresses of their own
	run := func(says, stdin string, args ...string) (said, last string) {
		path := filepath.Join(logs, fmt.Sprint("command-", len(r.traces)))
		cmd := exec.Command("strace", append(append(strings.Fields(straceArgs), path, bin), args...)...)
		cmd.Env, cmd.Stdin = p.env, strings.NewReader(stdin)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		r.traces = append(r.traces, trace{path, says})
		words := strings.Fields(string(out))
		return string(out), words[len(words)-1]
	}
	run("a user", counterPassword, "user", "add", "--email", "mia@casa.example", "--name", "Mia Torres", "--role", "owner", "--password-stdin")
	_, token := run("a token", "", "token", "add", "--user", "mia@casa.example", "--name", "story", "--scope", "write")
	secret := "a secret of this shop's till alone"
	_, number := run("a channel", "", "channel", "add", "generic", "--name", "Till", "--set", "secret="+secret)
	till, err := models.ParseID(number)
	mustDo(t, err)
	line, _ := run("a chat", "", "channel", "add", "webchat", "--name", "Chat")
	key := widgetKey.FindStringSubmatch(line)
	if key == nil {
		t.Fatalf("no line for a site: %s", line)
	}
	c := &counter{doors: &doors{process: p, client: newClient(), book: newLedger(t), till: models.Channel{ID: till, Settings: map[string]string{"secret": secret}},
		chat: models.Channel{Key: key[1]}}, token: token}
	p.start()
	var wg sync.WaitGroup
	for w := range 4 {
		seed := rng.Uint64()
		wg.Go(func() { r.drive(c, rand.New(rand.NewPCG(seed, 3)), w, events/4) })
	}
	wg.Wait()
	p.stop()
	r.traces = append(r.traces, trace{path: filepath.Join(logs, "serve")})
	eventually(t, "the end of the record", func() error {
		if end := tail(content(r.traces[len(r.traces)-1].path), 4000); !strings.Contains(end, "+++ exited with") {
			return fmt.Errorf("it ends %q", end)
		}
		return nil
	})
	return r
}

// drive sends signed events, every fifth followed by a note with a file, and every sixth by what a new visitor
// says in the chat.
func (r *recorded) drive(c *counter, rng *rand.Rand, worker, events int) {
	for n := range events {
		made := c.signed(fmt.Sprintf("cut-%d-%d", worker, n), signedKinds[rng.IntN(len(signedKinds))], rng.IntN(customers))
		acked, status, answer := c.make(made)
		var in struct {
			Event    string `json:"event_id"`
			Customer string `json:"customer_id"`
			ID       string `json:"id"`
		}
		if !acked || json.Unmarshal(answer, &in) != nil {
			c.t.Errorf("%s: %d %s", made.key, status, answer)
			return
		}
		r.promise(in.Event, made.key)
		if n%6 == 0 && !r.chat(c, worker<<10+n) {
			return
		}
		if n%5 > 0 {
			continue
		}
		size := 200 + rng.IntN(60<<10)
		file, status, answer := c.upload("vase.png", []byte(strings.Repeat(made.key+" ", size/10)))
		if status != http.StatusCreated {
			c.t.Errorf("upload: %d %s", status, answer)
			return
		}
		note := c.noted("note-"+made.key, in.Customer, file)
		if acked, status, answer = c.make(note); !acked || json.Unmarshal(answer, &in) != nil {
			c.t.Errorf("%s: %d %s", note.key, status, answer)
			return
		}
		r.promise(in.ID, note.key)
	}
}

// chat lets a new visitor say something.
func (r *recorded) chat(c *counter, visitor int) (acked bool) {
	v, _ := c.boot(visitor)
	said := c.says(v, fmt.Sprint("cut-chat-", visitor))
	acked, status, answer := c.make(said)
	seq := chatEvent.FindSubmatch(answer)
	if !acked || seq == nil {
		c.t.Errorf("%s: %d %s", said.key, status, answer)
		return false
	}
	r.promise(string(seq[1]), said.key)
	return true
}

func (r *recorded) promise(id, key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[id] = key
}

// replay prepares to play the record. Syncs that forget names are left out.
func (r *recorded) replay(t *testing.T, forget func(path string) bool) *powertest.Replay {
	t.Helper()
	play := powertest.New(r.data, forget)
	for _, tr := range r.traces {
		f, err := os.Open(tr.path)
		mustDo(t, err)
		err = play.Read(f, tr.says)
		f.Close()
		mustDo(t, err)
	}
	return play
}

var (
	goodAnswer = regexp.MustCompile(`^HTTP/1\.1 20[01] `)
	tillEvent  = regexp.MustCompile(`"event_id":"(\d+)"`)
	chatEvent  = regexp.MustCompile(`"seq":(\d+)\}`)
	widgetKey  = regexp.MustCompile(`data-channel="([^"]+)"`)
	noteEvent  = regexp.MustCompile(`"id":"(\d+)","seq":\d+,"kind":"note"`)
	keptFile   = regexp.MustCompile(`"sha256":"([0-9a-f]{64})"`)
)

// promise is one thing that the program has told others, and when.
type promise struct {
	at         int
	event, key string
	file       string // the hash of an uploaded file
	words      string // of a command that ended well
}

// promises reads them from what the program wrote to sockets.
func (r *recorded) promises(t *testing.T, play *powertest.Replay) (out []promise) {
	t.Helper()
	events, files := 0, 0
	for _, told := range play.Told {
		if !strings.HasPrefix(told.What, "HTTP/") {
			out = append(out, promise{at: told.At, words: told.What})
			continue
		}
		if !goodAnswer.MatchString(told.What) {
			continue
		}
		m := tillEvent.FindStringSubmatch(told.What)
		if m == nil {
			m = chatEvent.FindStringSubmatch(told.What)
		}
		if m != nil {
			out, events = append(out, promise{at: told.At, event: m[1], key: r.keys[m[1]]}), events+1
		} else if m := noteEvent.FindStringSubmatch(told.What); m != nil {
			out, events = append(out, promise{at: told.At, event: m[1], key: r.keys[m[1]]}), events+1
		} else if m := keptFile.FindStringSubmatch(told.What); m != nil {
			out, files = append(out, promise{at: told.At, file: m[1]}), files+1
		}
	}
	if events != len(r.keys) || files == 0 {
		t.Fatalf("%d acknowledged events and %d files stand in the record, the driver saw %d", events, files, len(r.keys))
	}
	return out
}
