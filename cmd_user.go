package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"onethread/models"
	"onethread/models/store"
)

// system is who acts on the command line: whoever may use the data folder may do everything.
var system = models.User{Role: models.Owner, Name: "command line"}

// pick chooses the sub-command named by the first argument.
func pick(name string, args []string, subs map[string]func([]string) error, order string) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		fmt.Printf("Usage: onethread %s %s   (-h on each)\n", name, order)
		return flag.ErrHelp
	}
	run, ok := subs[args[0]]
	if !ok {
		return fmt.Errorf("onethread %s has no sub-command %q; use one of: %s", name, args[0], order)
	}
	return run(args[1:])
}

// withStore opens the data folder beside a running server, for one command.
func withStore(ctx context.Context, env Env, do func(*Program) error) error {
	st, err := openStore(ctx, env)
	if err != nil {
		return err
	}
	err = do(domain(env, st))
	if e := st.Close(); err == nil {
		err = e
	}
	return err
}

// user adds, lists and disables members of staff, and resets passwords.
func user(ctx context.Context, env Env, args []string) error {
	return pick("user", args, map[string]func([]string) error{
		"add":            func(a []string) error { return userAdd(ctx, env, a) },
		"list":           func(a []string) error { return userList(ctx, env, a) },
		"reset-password": func(a []string) error { return userReset(ctx, env, a) },
		"disable":        func(a []string) error { return userDisable(ctx, env, a) },
	}, "add | list | reset-password | disable")
}

func userAdd(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread user add", flag.ContinueOnError)
	email := f.String("email", "", "their `address`, which they log in with")
	name := f.String("name", "", "their `name`, as colleagues see it")
	role := f.String("role", "agent", "owner, admin, agent, counter or viewer")
	stdin := f.Bool("password-stdin", false, "read the password from standard input (12 to 256 characters)")
	if err := parse(f, args); err != nil {
		return err
	}
	if !*stdin {
		return fmt.Errorf("give the password on standard input: echo … | onethread user add … --password-stdin")
	}
	password, err := readSecret(os.Stdin)
	if err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		u, err := p.Auth.CreateUser(ctx, *email, *name, models.Role(*role), password)
		if err == nil {
			fmt.Printf("added %s (%s) with the id %s\n", u.Email, u.Role, u.ID)
		}
		return err
	})
}

// readSecret reads one line, at most a kilobyte.
func readSecret(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, 1024))
	text, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSuffix(text, "\r"), err
}

func userList(ctx context.Context, env Env, args []string) error {
	if err := parse(flag.NewFlagSet("onethread user list", flag.ContinueOnError), args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		all, err := store.Users(p.Store.Read(ctx))
		w := table("ID", "EMAIL", "NAME", "ROLE", "STATE")
		for _, u := range all {
			state := "active"
			if u.DisabledAt != 0 {
				state = "disabled"
			} else if u.PasswordHash == "" {
				state = "invited"
			}
			row(w, u.ID.String(), u.Email, u.Name, string(u.Role), state)
		}
		w.Flush()
		return err
	})
}

func userReset(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread user reset-password", flag.ContinueOnError)
	email := f.String("email", "", "whose password")
	stdin := f.Bool("password-stdin", false, "read the new password from standard input; without it a one-time link is printed")
	if err := parse(f, args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		u, err := store.UserByEmail(p.Store.Read(ctx), store.NormaliseEmail(*email))
		if err != nil {
			return err
		}
		if !*stdin {
			_, link, _, err := p.Auth.Forgot(ctx, u.Email)
			if err == nil {
				fmt.Printf("%s can choose a new password within 30 minutes at %s/reset/%s\n", u.Email, env.URL, link)
			}
			return err
		}
		password, err := readSecret(os.Stdin)
		if err != nil {
			return err
		}
		if err := p.Auth.SetPassword(ctx, u, password); err != nil {
			return err
		}
		fmt.Printf("the password of %s is changed; all sessions of theirs have ended\n", u.Email)
		return nil
	})
}

func userDisable(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread user disable", flag.ContinueOnError)
	email := f.String("email", "", "whose account")
	if err := parse(f, args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		u, err := store.UserByEmail(p.Store.Read(ctx), store.NormaliseEmail(*email))
		if err != nil {
			return err
		}
		if err := p.Auth.Disable(ctx, system, u.ID); err != nil {
			return err
		}
		fmt.Printf("%s can no longer log in; all sessions and tokens of theirs have ended\n", u.Email)
		return nil
	})
}

func table(columns ...string) *tabwriter.Writer {
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	row(w, columns...)
	return w
}

func row(w *tabwriter.Writer, cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }
