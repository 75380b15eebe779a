package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"onethread/models/benchdata"
	"onethread/models/store"
)

// TestBench measures what docs/performance.md shows and prints it as a table beside its bars. It
// takes minutes and wants the machine for itself: ONETHREAD_BENCH=1 go test -count=1 -run TestBench -v -timeout 30m .
func TestBench(t *testing.T) {
	if os.Getenv("ONETHREAD_BENCH") == "" {
		t.Skip("measures for minutes: set ONETHREAD_BENCH=1, or run make bench")
	}
	b := &bench{T: t, bin: buildProgram(t)}
	b.shop = b.madeShop(benchdata.Size{Customers: 100_000, Events: 1_000_000, Seed: 1})
	b.letIn()
	t.Run("size", func(*testing.T) { b.binary() })
	t.Run("cold", func(t *testing.T) { b.cold(t) })
	t.Run("pages", func(t *testing.T) { b.pages(t) })
	t.Run("small", func(t *testing.T) { b.small(t) })
	t.Run("live", func(t *testing.T) { b.live(t) })
	t.Run("weight", func(t *testing.T) { b.weight(t) })
	t.Run("ingest", func(t *testing.T) { b.ingest(t) })
	t.Run("burst", func(t *testing.T) { b.burst(t) })
	t.Run("mail", func(t *testing.T) { b.mail(t) })
	b.print()
}

// bench is a run of all measurements on one made shop.
type bench struct {
	*testing.T
	bin, shop     string // the program; the data folder, a copy of the made one
	cookie, token string
	writeToken    string
	staff         []string // the cookies of one member of staff per live screen
	rows          [][4]string
}

// row notes a result: the work, what was measured, the bar, and what the nearest peer took
// (LibreDesk v2.7.0 on a machine of the same kind; docs/performance.md).
func (b *bench) row(work, measured, bar, peer string) {
	b.rows = append(b.rows, [4]string{work, measured, bar, peer})
	b.Logf("%s: %s (bar %s)", work, measured, bar)
}

func (b *bench) print() {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "WORK\tONETHREAD\tBAR\tLIBREDESK")
	for _, r := range b.rows {
		fmt.Fprintln(w, strings.Join(r[:], "\t"))
	}
	w.Flush()
	b.Logf("%s, %d cores, load %s\n%s", runtime.Version(), runtime.NumCPU(), load(), out.String())
}

// load is what else the machine was doing, where the system tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

// madeShop makes the shop once and keeps it in the user's cache; each run works on a copy.
func (b *bench) madeShop(size benchdata.Size) string {
	b.Helper()
	base, err := os.UserCacheDir()
	b.must(err)
	made := filepath.Join(base, "onethread-bench", fmt.Sprintf("%s-%d-%d-%d", b.schema(), size.Customers, size.Events, size.Seed))
	if _, err := os.Stat(made); err != nil {
		began := time.Now()
		tmp := made + ".making"
		b.must(os.RemoveAll(tmp))
		b.must(os.MkdirAll(tmp, 0o700))
		b.must(benchdata.Make(b.Context(), tmp, size))
		b.must(os.Rename(tmp, made))
		b.Logf("made %d customers and %d events in %v", size.Customers, size.Events, time.Since(began).Round(time.Second))
	}
	dir := filepath.Join(b.TempDir(), "shop")
	b.must(os.CopyFS(dir, os.DirFS(made)))
	return dir
}

// letIn logs the owner in and makes a token, with the server stopped.
func (b *bench) letIn() {
	b.Helper()
	prepare(b.T, b.shop, "http://localhost", func(ctx context.Context, p *Program) error {
		var err error
		if b.cookie, _, err = p.Auth.Login(ctx, benchdata.Email, benchdata.Password, "127.0.0.1", "bench"); err != nil {
			return err
		}
		u, err := store.UserByEmail(p.Store.Read(ctx), benchdata.Email)
		if err != nil {
			return err
		}
		if b.token, _, err = p.Auth.NewToken(ctx, u, "bench", "read"); err != nil {
			return err
		}
		if b.writeToken, _, err = p.Auth.NewToken(ctx, u, "bench", "write"); err != nil {
			return err
		}
		return b.enlist(ctx, p)
	})
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) binary() {
	info, err := os.Stat(b.bin)
	b.must(err)
	b.row("binary", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), "≤ 40 MB", "34.9 MB")
	if certificates, err := os.Stat("/etc/ssl/certs/ca-certificates.crt"); err == nil { // what the Dockerfile puts beside it
		b.row("container: binary and certificates", fmt.Sprintf("%.1f MB", float64(info.Size()+certificates.Size())/1e6), "≤ 50 MB", "")
	}
	db, err := os.Stat(filepath.Join(b.shop, "onethread.db"))
	b.must(err)
	b.row("database, 100k customers, 1M events", fmt.Sprintf("%.0f MB", float64(db.Size())/1e6), "", "")
}
