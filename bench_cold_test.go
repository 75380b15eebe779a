package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"onethread/models/benchdata"
	"onethread/models/store"
)

// schema names the schema and the generator: a change of either makes the shop anew.
func (b *bench) schema() string {
	b.Helper()
	dir := b.TempDir()
	st, err := store.Open(b.Context(), dir, store.Options{})
	b.must(err)
	b.must(st.Close())
	db := database(b.T, dir)
	defer db.Close()
	all := column(b.T, db, "SELECT coalesce(sql, '') FROM sqlite_master ORDER BY name")
	sum := sha256.Sum256([]byte(strings.Join(all, "\n") + strconv.Itoa(benchdata.Version)))
	return hex.EncodeToString(sum[:6])
}

// cold measures starts and what the program holds in memory right after them.
func (b *bench) cold(t *testing.T) {
	for _, shop := range []struct{ name, dir, peer string }{{"empty", filepath.Join(t.TempDir(), "data"), "136 MB, 3 services"}, {"1M events", b.shop, "291 MB after 2,000 mails"}} {
		var starts, memory []float64
		for range 11 {
			p := newProcess(t, b.bin, shop.dir)
			starts = append(starts, float64(p.start().Microseconds())/1000)
			memory = append(memory, float64(p.pss())/1e6)
			p.stop()
		}
		// The first start made the empty database; it does not count.
		b.row("cold start to first 200, "+shop.name, fmt.Sprintf("%.0f ms (worst of ten %.0f)", median(starts[1:]), slices.Max(starts[1:])), "< 100 ms", "470 ms")
		b.row("idle memory (PSS), "+shop.name, fmt.Sprintf("%.1f MB", median(memory[1:])), "< 40 MB", shop.peer)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// pss is the program's proportional set size in bytes; 0 where the system does not tell.
func (p *process) pss() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "Pss:" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return n * 1024
		}
	}
	return 0
}

// cpu is the processor time that the program used so far; the kernel counts it in hundredths of a second.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ")
	f := strings.Fields(after)
	user, err := strconv.Atoi(f[11])
	if err != nil {
		p.t.Fatal(err)
	}
	system, err := strconv.Atoi(f[12])
	if err != nil {
		p.t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
