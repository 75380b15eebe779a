package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"testing"

	"onethread/integrations/email/mailtest"
	scored "onethread/integrations/email/mime/corpus"
)

// TestCorpus scores what the program as built prints for the mails of public projects; its
// table is that of docs/email.md.
func TestCorpus(t *testing.T) {
	folder := mailtest.Corpus(t, "")
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	measures, err := scored.Score(folder, func(inputs []scored.Input) ([][]byte, error) { return parseMails(bin, inputs) })
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", scored.Table(measures))
	for _, m := range measures {
		if !m.Met() {
			t.Errorf("%s, %s: %d of %d; first:\n%.2000s", m.Set, m.What, m.Right, m.All, m.Wrong[0])
		}
	}
}

// parseMails runs `onethread mail parse` over files, as many at a time as are of one kind.
func parseMails(bin string, inputs []scored.Input) (lines [][]byte, err error) {
	for len(inputs) > 0 {
		args := []string{"mail", "parse"}
		if inputs[0].Body != "" {
			args = append(args, "--body", inputs[0].Body)
		}
		n := 0
		for ; n < len(inputs) && inputs[n].Body == inputs[0].Body; n++ {
			args = append(args, inputs[n].File)
		}
		out, err := exec.Command(bin, args...).Output()
		if err != nil {
			return nil, fmt.Errorf("mail parse: %w", err)
		}
		printed := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
		if len(printed) != n {
			return nil, fmt.Errorf("mail parse printed %d lines for %d files", len(printed), n)
		}
		lines, inputs = append(lines, printed...), inputs[n:]
	}
	return lines, nil
}
