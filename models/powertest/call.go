// Package powertest cuts the power: from a record of what a program wrote and synced (strace's) it
// makes the disk as it may be found after a cut at any moment, by the rules that a file system gives
// and no kinder ones. The server never imports it.
package powertest

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Calls are the system calls to record: strace -f -y -xx -s 4000000 -e trace=Calls.
const Calls = "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat," +
	"ftruncate,truncate,fallocate,mkdir,mkdirat,lseek,sendto,sendmsg,copy_file_range,sendfile,splice"

// call is one system call that succeeded. It began and ended at these lines of the record; between
// them other threads went on.
type call struct {
	name       string
	args       []string
	result     int64
	begun, end int
}

var (
	lineForm   = regexp.MustCompile(`^(?:\[pid +)?(\d+)\]? +(.*)$`)
	resultForm = regexp.MustCompile(`^ *= (-?\d+)`)
)

// readCalls reads a record. Lines count from first.
func readCalls(r io.Reader, first int) (calls []call, last int, err error) {
	lines := bufio.NewReaderSize(r, 1<<20)
	open := map[string]call{}
	text := map[string]string{}
	for last = first; ; last++ {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return calls, last, nil
		}
		if err != nil {
			return nil, last, err
		}
		m := lineForm.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			return nil, last, fmt.Errorf("line %d is not strace's: %.100q", last, line)
		}
		pid, said := m[1], m[2]
		begun := last
		if rest, ok := strings.CutPrefix(said, "<... "); ok {
			_, rest, _ = strings.Cut(rest, " resumed>")
			said, begun = text[pid]+rest, open[pid].begun
		} else if before, ok := strings.CutSuffix(said, "<unfinished ...>"); ok {
			open[pid], text[pid] = call{begun: last}, strings.TrimSuffix(before, " ")
			continue
		}
		c, ok, err := parseCall(said)
		if err != nil {
			return nil, last, fmt.Errorf("line %d: %w", last, err)
		}
		if ok {
			c.begun, c.end = begun, last
			calls = append(calls, c)
		}
	}
}

// parseCall reads "name(args) = result". ok is false for signals, exits and calls that failed.
func parseCall(said string) (c call, ok bool, err error) {
	name, rest, found := strings.Cut(said, "(")
	if !found || strings.HasPrefix(said, "+++") || strings.HasPrefix(said, "---") {
		return c, false, nil
	}
	c.name = name
	depth, quoted, start := 0, false, 0
	for i := 0; i < len(rest); i++ {
		switch ch := rest[i]; {
		case ch == '"':
			quoted = !quoted // -xx writes every byte as \x..: a quote is never part of a string
		case quoted:
		case ch == '[' || ch == '{' || ch == '(':
			depth++
		case (ch == ']' || ch == '}' || ch == ')') && depth > 0:
			depth--
		case ch == ',' && depth == 0:
			c.args, start = append(c.args, strings.TrimSpace(rest[start:i])), i+1
		case ch == ')':
			c.args = append(c.args, strings.TrimSpace(rest[start:i]))
			m := resultForm.FindStringSubmatch(rest[i+1:])
			if m == nil {
				return c, false, nil // it never returned: the program ended
			}
			c.result, err = strconv.ParseInt(m[1], 10, 64)
			return c, err == nil && c.result >= 0, err
		}
	}
	return c, false, nil
}

var quotedForm = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?`)

// bytesOf decodes every string of an argument, one after the other (writev has several).
func bytesOf(arg string) ([]byte, error) {
	var out []byte
	for _, m := range quotedForm.FindAllStringSubmatch(arg, -1) {
		if m[2] != "" {
			return nil, fmt.Errorf("strace cut a string short: give it a larger -s")
		}
		b, err := hex.DecodeString(strings.ReplaceAll(m[1], `\x`, ""))
		if err != nil {
			return nil, err
		}
		out = append(out, b...)
	}
	return out, nil
}

// handle is the number of a file descriptor argument: "7</data/onethread.db>".
func handle(arg string) (int, error) {
	number, _, _ := strings.Cut(arg, "<")
	return strconv.Atoi(number)
}

func number(arg string) (int64, error) { return strconv.ParseInt(arg, 0, 64) }
