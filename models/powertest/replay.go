package powertest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Replay is a recorded life of a program on one folder, played up to any moment.
type Replay struct {
	root    string
	calls   []call
	last    int
	played  int // calls that have taken effect
	disk    *node
	open    map[int]*opened
	forget  func(path string) bool
	pending []call // syncs that have begun

	Told   []Told // what the program has said to others, with the moments
	Synced int    // syncs that took effect
}

// opened is a file descriptor.
type opened struct {
	what *node
	at   int64
	path string
	end  bool // writes go to the end
}

// Told is what the program wrote to somebody else (a socket, a pipe), and when it began to.
type Told struct {
	At   int
	What string
}

// New makes a Replay of the folder root, empty at first. Syncs of paths that forget names are left
// out: a control that must fail. It may be nil.
func New(root string, forget func(path string) bool) *Replay {
	if forget == nil {
		forget = func(string) bool { return false }
	}
	return &Replay{root: filepath.Clean(root), disk: newFolder(), open: map[int]*opened{}, forget: forget}
}

// Read adds the record of one process, which began when the one before had ended. say is what its end
// tells, "" for nothing.
func (r *Replay) Read(record io.Reader, say string) error {
	calls, last, err := readCalls(record, r.last+1)
	if err != nil {
		return err
	}
	slices.SortStableFunc(calls, func(a, b call) int { return a.begun - b.begun })
	r.calls, r.last = append(r.calls, calls...), last
	for _, c := range calls {
		if err := r.listen(c); err != nil {
			return err
		}
	}
	if say != "" {
		r.Told = append(r.Told, Told{At: last, What: say})
	}
	return nil
}

// listen notes what is written to others than the folder's files.
func (r *Replay) listen(c call) error {
	switch c.name {
	case "write", "writev", "sendto", "sendmsg":
	default:
		return nil
	}
	path, err := pathOf(c.args[0])
	if err != nil || strings.HasPrefix(path, r.root) {
		return err
	}
	b, err := bytesOf(c.args[1])
	if err == nil && len(b) > 12 && string(b[:7]) == "HTTP/1." {
		r.Told = append(r.Told, Told{At: c.begun, What: string(b)})
	}
	return err
}

// Moments is how many moments there are to cut at: 1 to Moments.
func (r *Replay) Moments() int { return r.last }

// Play goes on to a moment, which may not lie before the last one played.
func (r *Replay) Play(moment int) error {
	for ; r.played < len(r.calls) && r.calls[r.played].begun < moment; r.played++ {
		c := r.calls[r.played]
		if strings.HasSuffix(c.name, "sync") {
			r.pending = append(r.pending, c)
			continue
		}
		if err := r.settle(c.begun); err != nil {
			return err
		}
		if err := r.do(c); err != nil {
			return fmt.Errorf("line %d, %s: %w", c.begun, c.name, err)
		}
	}
	return r.settle(moment)
}

// settle lets the syncs take effect that have ended before a moment.
func (r *Replay) settle(moment int) error {
	kept := r.pending[:0]
	for _, c := range r.pending {
		if c.end >= moment {
			kept = append(kept, c)
			continue
		}
		fd, err := handle(c.args[0])
		if err != nil {
			return err
		}
		if o := r.open[fd]; o != nil && o.what != nil && !r.forget(o.path) {
			o.what.sync(c.begun)
			r.Synced++
		}
	}
	r.pending = kept
	return nil
}

// Cut lays the disk as it may be after a cut at the moment played, into dir. The same seed lays the
// same disk. SQLite's shared-memory index is never there: it is no file that anything is read from.
func (r *Replay) Cut(dir string, mode Mode, seed uint64) error {
	rng := rand.New(rand.NewPCG(seed, uint64(mode)))
	c := &cut{mode: mode, rng: rng, keep: rng.Float64()}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return r.disk.lay(dir, c, func(name string) bool { return strings.HasSuffix(name, "-shm") })
}

// Unsynced is how many writes and names a cut now could take away.
func (r *Replay) Unsynced() int { return unsynced(r.disk) }

func unsynced(n *node) int {
	sum := len(n.renamed) + len(n.written)
	for _, what := range n.names {
		sum += unsynced(what)
	}
	return sum
}
