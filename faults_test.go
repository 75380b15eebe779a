package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// faults are the bad days that the program is put through, in the order of their names. Each stands in
// a file of its own, fault_<name>_*_test.go.
var faults = []fault{
	{"F1", "killed while mail, SMS, orders, chat and calls come in", crashInIngest},
	{"F1m", "killed again and again during the first sync of a mailbox", crashInSync},
	{"F2", "killed while replies leave by mail and SMS", crashInSending},
	{"F3", "the power cut at any moment", powerCut},
	{"F4", "the data folder's disk full", diskFull},
	{"F6", "the database held by another program", databaseBusy},
	{"F7", "the way to the IMAP server cut, slow, dead, renumbered", imapFaults},
	{"F8", "an SMTP server in every mood", smtpFaults},
	{"F10", "stores call several times, late and in any order", anyOrder},
	{"F16", "started on a damaged, cut, foreign, newer or missing database", damagedAtStart},
	{"F17", "backed up again and again under load, and restored", backupUnderLoad},
	{"F19", "told to stop in full traffic, as a process and as the first one of a container", stopInTraffic},
}

// fault is one bad day. run fails its test where a promise is broken, and notes what it has seen.
type fault struct {
	name, what string
	run        func(t *testing.T, f *faultRun)
}

// TestFaults puts the real program through every fault and prints a table. Plainly run it takes small
// numbers, so that every change is held to it; with ONETHREAD_FAULTS=1 (make faults) the numbers that
// docs/faults.md tells.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program and ruins its day many times; left out with -short")
	}
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	const row = "%-6s%-82s%-14s%v\n" // what a fault noted stands below it
	var table strings.Builder
	fmt.Fprintf(&table, row, "FAULT", "WHAT WAS DONE", "RESULT", "TOOK")
	for _, f := range faults {
		began, run := time.Now(), &faultRun{bin: bin, full: os.Getenv("ONETHREAD_FAULTS") != ""}
		var skipped bool
		ok := t.Run(f.name, func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			f.run(t, run)
		})
		fmt.Fprintf(&table, row, f.name, f.what, run.verdict(ok, skipped), time.Since(began).Round(100*time.Millisecond))
		for _, said := range run.notes {
			fmt.Fprintf(&table, "%6s- %s\n", "", said)
		}
	}
	t.Logf("%s, %d cores, load %s\n%s", runtime.Version(), runtime.NumCPU(), load(), table.String())
}

// faultRun is one fault on its way.
type faultRun struct {
	bin   string // the built program
	full  bool   // the full numbers, not those of every change
	notes []string
}

// size picks a number: a small one for every change, a full one for make faults.
func (f *faultRun) size(small, full int) int {
	if f.full {
		return full
	}
	return small
}

// note adds a line below the fault in the table.
func (f *faultRun) note(t *testing.T, format string, args ...any) {
	t.Helper()
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
	t.Logf(format, args...)
}

func (f *faultRun) verdict(ok, skipped bool) string {
	switch {
	case !ok:
		return "FAILED"
	case skipped:
		return "left out"
	case len(f.notes) == 0:
		return "not asked for"
	}
	return "ok"
}

// seeded gives random numbers that come again; the seed stands in the log.
func seeded(t testing.TB, seed uint64) *rand.Rand {
	t.Helper()
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, seed))
}
