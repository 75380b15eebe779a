// Package corpus scores what `onethread mail parse` prints for mails of public projects against
// what those projects expect of them. The mails lie beside the project, not in it; their
// SOURCES.md says how to score. Tests alone import it.
package corpus

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Input is one file to read. Body is "" for a raw mail, else "text" or "html" for a bare body.
type Input struct{ File, Body string }

// Reader returns the JSON line of each input, in their order.
type Reader func(inputs []Input) ([][]byte, error)

// Measure is one figure of a set: right of all cases, and the share that is asked for.
type Measure struct {
	Set, What  string
	Right, All int
	Gate       float64  // 0 to 1; 0 = only told
	Wrong      []string // what was not right, for a log
}

// Met tells whether the gate is met.
func (m Measure) Met() bool { return float64(m.Right) >= m.Gate*float64(m.All)-1e-9 }

func (m *Measure) add(right bool, format string, args ...any) {
	m.All++
	if right {
		m.Right++
	} else {
		m.Wrong = append(m.Wrong, fmt.Sprintf(format, args...))
	}
}

// Score scores all sets below a folder.
func Score(folder string, read Reader) (measures []Measure, err error) {
	for _, score := range []func(set) ([]Measure, error){scoreMime, scoreReply, scoreForward, scoreBounce, scoreThreading, scoreBehaviour} {
		m, err := score(set{folder, read})
		if err != nil {
			return nil, err
		}
		measures = append(measures, m...)
	}
	return measures, nil
}

// Table draws measures as a Markdown table.
func Table(measures []Measure) string {
	var out strings.Builder
	out.WriteString("| set | what | right | of | share | gate |\n|---|---|---|---|---|---|\n")
	for _, m := range measures {
		gate := "–"
		if m.Gate > 0 {
			gate = fmt.Sprintf("≥ %.3g %%", 100*m.Gate)
		}
		if !m.Met() {
			gate += " **missed**"
		}
		fmt.Fprintf(&out, "| %s | %s | %d | %d | %.2f %% | %s |\n", m.Set, m.What, m.Right, m.All, 100*float64(m.Right)/float64(max(1, m.All)), gate)
	}
	return out.String()
}

// set is where the cases lie and what reads them.
type set struct {
	folder string
	read   Reader
}

// cases reads the expectations of a set.
func (s set) cases(name string, into any) error {
	b, err := os.ReadFile(filepath.Join(s.folder, name, "expected.json"))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// lines reads inputs and decodes what was printed of them.
func (s set) lines(inputs []Input) ([]reading, error) {
	printed, err := s.read(inputs)
	if err != nil {
		return nil, err
	}
	if len(printed) != len(inputs) {
		return nil, fmt.Errorf("%d lines were printed for %d files", len(printed), len(inputs))
	}
	readings := make([]reading, len(printed))
	for i, line := range printed {
		if err := json.Unmarshal(line, &readings[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", inputs[i].File, err)
		}
	}
	return readings, nil
}

// reading is a printed line.
type reading struct {
	Subject     string
	From        []mailbox
	To          []mailbox
	CC          []mailbox
	ReplyTo     []mailbox `json:"reply_to"`
	MessageID   string    `json:"message_id"`
	InReplyTo   []string  `json:"in_reply_to"`
	References  []string
	Text        string
	HTML        string
	Attachments []attachment
	ReplyText   string `json:"reply_text"`
	Forwarded   *struct {
		FromName    string `json:"from_name"`
		FromAddress string `json:"from_address"`
		Subject     string
		Body        string
	}
	Automatic struct {
		Kind              string
		Recipients        []string
		OriginalMessageID string `json:"original_message_id"`
	}
	Error string
}

type mailbox struct{ Name, Address string }

type attachment struct{ Name, Type, SHA256 string }

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// bare takes all white space out.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
