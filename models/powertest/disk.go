package powertest

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Mode says what of the unsynced a cut leaves behind.
type Mode int

// The modes of a cut.
const (
	Nothing Mode = iota // all that was not synced is gone
	Some                // any part of it is there, in any order
	Torn                // the same, and one write ends at a sector's edge
)

const sector = 512 // bytes that a disk writes whole

// node is a file or a folder: what is on disk, and what was done to it since its last sync.
type node struct {
	folder  bool
	names   map[string]*node // of a folder, as the program sees it
	onDisk  map[string]*node // of a folder, as a cut would leave it
	renamed []naming
	content []byte // of a file, on disk
	written []change
	size    int64 // of a file, as the program sees it
}

func newFolder() *node {
	return &node{folder: true, names: map[string]*node{}, onDisk: map[string]*node{}}
}

// naming is a name in a folder that was given (or, with nil, taken away) and not yet synced.
type naming struct {
	name string
	what *node
	end  int
}

// change is a write, or with cut a new length, not yet synced.
type change struct {
	at   int64
	data []byte
	cut  bool
	end  int
}

func (n *node) name(name string, what *node, end int) {
	if what == nil {
		delete(n.names, name)
	} else {
		n.names[name] = what
	}
	n.renamed = append(n.renamed, naming{name, what, end})
}

func (n *node) write(at int64, data []byte, end int) {
	n.written = append(n.written, change{at: at, data: data, end: end})
	n.size = max(n.size, at+int64(len(data)))
}

func (n *node) truncate(size int64, end int) {
	n.written = append(n.written, change{at: size, cut: true, end: end})
	n.size = size
}

// sync makes durable what had ended before the sync began.
func (n *node) sync(begun int) {
	n.renamed = slices.DeleteFunc(n.renamed, func(r naming) bool {
		if r.end >= begun {
			return false
		}
		apply(n.onDisk, r)
		return true
	})
	n.written = slices.DeleteFunc(n.written, func(c change) bool {
		if c.end >= begun {
			return false
		}
		n.content = c.on(n.content)
		return true
	})
}

func apply(names map[string]*node, r naming) {
	if r.what == nil {
		delete(names, r.name)
		return
	}
	names[r.name] = r.what
}

// on gives content with the change made. It may write into content.
func (c change) on(content []byte) []byte {
	if c.cut {
		if int64(len(content)) > c.at {
			return content[:c.at]
		}
		return append(content, make([]byte, c.at-int64(len(content)))...)
	}
	if missing := c.at + int64(len(c.data)) - int64(len(content)); missing > 0 {
		content = append(content, make([]byte, missing)...)
	}
	copy(content[c.at:], c.data)
	return content
}

// cut decides, once for a whole disk, what is left of what was not synced.
type cut struct {
	mode Mode
	rng  *rand.Rand
	keep float64 // the chance of each unsynced thing
	torn bool    // one write was torn already
}

func (c *cut) keeps() bool { return c.mode != Nothing && c.rng.Float64() < c.keep }

// tear shortens the first large write that it is asked about, in the mode for it.
func (c *cut) tear(w change) change {
	if c.mode != Torn || c.torn || w.cut || len(w.data) <= sector || c.rng.IntN(3) > 0 {
		return w
	}
	c.torn = true
	first := sector - int(w.at%sector) // edges are those of the disk, not of the write
	w.data = w.data[:min(len(w.data), first+sector*c.rng.IntN(len(w.data)/sector))]
	return w
}

// lay writes what a cut leaves of a folder into dir. Names that skip says are left out.
func (n *node) lay(dir string, c *cut, skip func(name string) bool) error {
	names := map[string]*node{}
	for name, what := range n.onDisk {
		names[name] = what
	}
	for _, r := range n.renamed {
		if c.keeps() {
			apply(names, r)
		}
	}
	ordered := make([]string, 0, len(names))
	for name := range names {
		ordered = append(ordered, name)
	}
	slices.Sort(ordered) // the same seed gives the same disk
	for _, name := range ordered {
		if skip(name) {
			continue
		}
		if err := names[name].put(filepath.Join(dir, name), c, skip); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) put(path string, c *cut, skip func(string) bool) error {
	if n.folder {
		return errors.Join(os.Mkdir(path, 0o700), n.lay(path, c, skip))
	}
	content := n.content
	if len(n.written) > 0 {
		content = slices.Clone(content)
	}
	for _, w := range n.written {
		if c.keeps() {
			content = c.tear(w).on(content)
		}
	}
	return os.WriteFile(path, content, 0o600)
}
