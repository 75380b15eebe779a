package mime

import "strings"

// keepAnswered makes plain lines of those quotes that belong to the writer's words: quoted
// by hand with no introduction, or answered piece by piece. The rest of the mail tells which:
// words must follow that are more than a closing, and in a quote that a program made they stand
// apart from it (what does not is often the end of a quoted line, wrapped once more).
func (r *reply) keepAnswered() {
	blocks := r.blocks()
	answered := 0
	for _, b := range blocks {
		if b.answered && b.apart {
			answered++
		}
	}
	for _, b := range blocks {
		keep := b.answered && !b.introduced
		if b.answered && b.apart && len(blocks) > 1 && (b.said || answered > 1) {
			keep = true
		}
		if len(blocks) == 1 && !b.said && !b.answered && !b.introduced {
			keep = true // the whole mail is a quote
		}
		for k := b.start; keep && k < b.end; k++ {
			r.kinds[k] = plain
		}
	}
}

// block is a run of quoted lines, blank ones between them included.
type block struct {
	start, end int
	introduced bool // a line above it, or above a block before it, introduces a quote
	said       bool // words of the writer stand above it
	answered   bool // words that are more than a closing follow before the next block
	apart      bool // with a blank line between
}

// blockReader finds the blocks in one pass.
type blockReader struct {
	blocks           []block
	said, introduced bool
	hidden           bool // in a signature
	gap              bool // a blank line since the last block
	words            int  // lines since the last block
	first            string
}

func (r *reply) blocks() []block {
	b := blockReader{}
	for i, kind := range r.kinds {
		switch kind {
		case cut, handedOn:
			b.settle()
			return b.blocks
		case signature:
			b.hidden = true
		case intro:
			b.introduced, b.hidden = true, false
		case blank:
			b.gap = b.gap || b.words == 0
		case plain, indented:
			b.word(r.lines[i])
		case quoted:
			b.quote(i, r.lines[i])
		}
	}
	b.settle()
	return b.blocks
}

func (b *blockReader) word(line string) {
	if b.hidden {
		return
	}
	if b.words++; b.words == 1 {
		b.first = line
	}
	b.said = true
}

func (b *blockReader) quote(i int, line string) {
	b.hidden = false
	if n := len(b.blocks); n > 0 && b.words == 0 {
		b.blocks[n-1].end, b.gap = i+1, false
		return
	}
	b.settle()
	opening := readIntroduction([]string{strings.TrimLeft(line, "> \t")})
	b.introduced = b.introduced || opening.lines > 0
	b.blocks = append(b.blocks, block{start: i, end: i + 1, introduced: b.introduced, said: b.said})
}

// settle says what came after the last block.
func (b *blockReader) settle() {
	if n := len(b.blocks); n > 0 && b.words > 0 {
		b.blocks[n-1].answered = b.words > 3 || !closing().MatchString(b.first)
		b.blocks[n-1].apart = b.gap
	}
	b.words, b.first, b.gap = 0, "", false
}
