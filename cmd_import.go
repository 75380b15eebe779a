package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"onethread/models/lists"
)

// importing brings lists in.
func importing(ctx context.Context, env Env, args []string) error {
	return pick("import", args, map[string]func([]string) error{"customers": func(a []string) error { return importCustomers(ctx, env, a) }},
		"customers FILE [--map COLUMN=FIELD …] [--dry-run] [--report FILE]")
}

// exporting writes lists out.
func exporting(ctx context.Context, env Env, args []string) error {
	return pick("export", args, map[string]func([]string) error{"customers": func(a []string) error { return exportCustomers(ctx, env, a) }}, "customers FILE")
}

// columnsAre collects --map COLUMN=FIELD.
type columnsAre []string

func (m *columnsAre) String() string { return strings.Join(*m, " ") }

// Set takes one.
func (m *columnsAre) Set(v string) error {
	if !strings.Contains(v, "=") {
		return errors.New("write it as COLUMN=FIELD; an empty field leaves the column out")
	}
	*m = append(*m, v)
	return nil
}

func importCustomers(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread import customers FILE", flag.ContinueOnError)
	var given columnsAre
	f.Var(&given, "map", "what a column is: `COLUMN=FIELD`, FIELD one of "+strings.Join(lists.Fields, ", ")+"; may stand several times")
	dry := f.Bool("dry-run", false, "tell what would happen, and change nothing")
	report := f.String("report", "", "write what becomes of each row to this CSV `file`")
	name := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if name == "" {
		name = f.Arg(0)
	}
	if name == "" {
		return fmt.Errorf("say which file: onethread import customers FILE")
	}
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	file, err := lists.Open(in)
	if err != nil {
		return err
	}
	mapping, err := mapped(file, given)
	if err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		if *report == "" {
			return runImport(ctx, p, file, mapping, *dry, nil)
		}
		return writeFile(*report, func(out *os.File) error { return runImport(ctx, p, file, mapping, *dry, out) })
	})
}

func mapped(file *lists.File, given columnsAre) (lists.Mapping, error) {
	m := lists.Guess(file.Columns)
	for _, g := range given {
		column, field, _ := strings.Cut(g, "=")
		at := slices.Index(file.Columns, column)
		if at < 0 {
			return nil, fmt.Errorf("the file has no column %q; it has: %s", column, strings.Join(file.Columns, ", "))
		}
		m[at] = field
	}
	return m, nil
}

func runImport(ctx context.Context, p *Program, file *lists.File, m lists.Mapping, dry bool, out *os.File) error {
	for i, c := range file.Columns {
		fmt.Printf("%-24s → %s\n", c, m[i])
	}
	counts, problems := map[string]int{}, 0
	var rep *lists.Report
	if out != nil {
		rep = lists.NewReport(out)
	}
	im := lists.Importer{Store: p.Store, Ingest: p.Inbox.Ingest}
	err := im.Run(ctx, file, m, dry, func(o lists.Outcome) error {
		counts[o.What]++
		if len(o.Problems) > 0 {
			if problems++; problems <= 20 {
				fmt.Printf("line %d: %s\n", o.Line, strings.Join(o.Problems, "; "))
			}
		}
		if rep != nil {
			return rep.Add(o)
		}
		return nil
	})
	if rep != nil {
		err = errors.Join(err, rep.Close())
	}
	if problems > 20 {
		fmt.Printf("and %d more lines with something that could not be used; --report tells all\n", problems-20)
	}
	for _, what := range lists.Outcomes {
		if counts[what] > 0 {
			fmt.Printf("%-10s %d\n", what, counts[what])
		}
	}
	if dry {
		fmt.Println("nothing was changed")
	}
	return err
}

func exportCustomers(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread export customers FILE", flag.ContinueOnError)
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() != 1 {
		return fmt.Errorf("say where to: onethread export customers FILE")
	}
	return withStore(ctx, env, func(p *Program) error {
		return writeFile(f.Arg(0), func(out *os.File) error {
			n, err := lists.Write(ctx, p.Store, out)
			if err == nil {
				fmt.Printf("%d customers\n", n)
			}
			return err
		})
	})
}
