package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"onethread/models"
	"onethread/models/privacy"
	"onethread/models/store"
)

// customer erases and exports one person, the server running or not.
func customer(ctx context.Context, env Env, args []string) error {
	return pick("customer", args, map[string]func([]string) error{
		"erase":  func(a []string) error { return customerErase(ctx, env, a) },
		"export": func(a []string) error { return customerExport(ctx, env, a) },
	}, "erase ID | export ID FILE")
}

func customerErase(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread customer erase ID", flag.ContinueOnError)
	sure := f.Bool("yes", false, "do not ask")
	if err := f.Parse(args); err != nil {
		return err
	}
	id, err := customerID(f.Arg(0))
	if err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		c, err := store.Customer(p.Store.Read(ctx), id)
		if err != nil {
			return err
		}
		if !*sure && !confirmed(fmt.Sprintf("Everything of customer %s (%s) goes, for good. Type the id to confirm: ", id, c.Name), id.String()) {
			return fmt.Errorf("not confirmed; nothing was erased")
		}
		private := privacy.New(p.Store)
		done, err := private.Erase(ctx, 0, id)
		if len(done.Customers) > 0 {
			fmt.Printf("erased: %d entries of the thread, %d files; the bare figures of %d orders stay\n", done.Events, len(done.Files), done.Orders)
		}
		if old := private.OlderCopies(); err == nil && len(old) > 0 {
			fmt.Printf("these older copies in %s still hold it: %s. So do backups\n", env.Data, strings.Join(old, ", "))
		}
		return err
	})
}

func customerID(text string) (models.ID, error) {
	id, err := models.ParseID(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no customer's id; it stands in the address of their thread (/customers/ID)", text)
	}
	return id, nil
}

// confirmed asks on the terminal for a word.
func confirmed(question, word string) bool {
	fmt.Print(question)
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	return strings.TrimSpace(line) == word
}

func customerExport(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread customer export ID FILE", flag.ContinueOnError)
	if err := f.Parse(args); err != nil {
		return err
	}
	id, err := customerID(f.Arg(0))
	if err != nil {
		return err
	}
	if f.NArg() != 2 {
		return fmt.Errorf("say where to: onethread customer export ID FILE")
	}
	return withStore(ctx, env, func(p *Program) error {
		return writeFile(f.Arg(1), func(out *os.File) error {
			return privacy.New(p.Store).Export(ctx, id, out)
		})
	})
}

// writeFile makes a file that only its owner may read, whole or not at all.
func writeFile(path string, fill func(*os.File) error) error {
	out, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = fill(out)
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		_ = os.Remove(path + ".part")
	}
	return err
}
