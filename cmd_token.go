package main

import (
	"context"
	"flag"
	"fmt"

	"onethread/models"
	"onethread/models/store"
)

// token adds, lists and revokes API tokens.
func token(ctx context.Context, env Env, args []string) error {
	return pick("token", args, map[string]func([]string) error{
		"add":    func(a []string) error { return tokenAdd(ctx, env, a) },
		"list":   func(a []string) error { return tokenList(ctx, env, a) },
		"revoke": func(a []string) error { return tokenRevoke(ctx, env, a) },
	}, "add | list | revoke")
}

// tokenAdd prints the token once, as the last word of its output.
func tokenAdd(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread token add", flag.ContinueOnError)
	email := f.String("user", "", "the `address` of the member of staff it acts for")
	name := f.String("name", "", "what uses it")
	scope := f.String("scope", "read", "read, write or admin")
	if err := parse(f, args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		u, err := store.UserByEmail(p.Store.Read(ctx), store.NormaliseEmail(*email))
		if err != nil {
			return err
		}
		raw, t, err := p.Auth.NewToken(ctx, u, *name, models.Scope(*scope))
		if err != nil {
			return err
		}
		fmt.Printf("token %s of %s, scope %s; it is shown this once:\n%s\n", t.ID, u.Email, t.Scope, raw)
		return nil
	})
}

func tokenList(ctx context.Context, env Env, args []string) error {
	if err := parse(flag.NewFlagSet("onethread token list", flag.ContinueOnError), args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		all, err := p.Auth.Tokens(ctx, 0)
		w := table("ID", "NAME", "SCOPE", "USER", "LAST USED")
		for _, t := range all {
			used := "never"
			if t.LastUsedAt != 0 {
				used = t.LastUsedAt.String()
			}
			row(w, t.ID.String(), t.Name, string(t.Scope), t.UserID.String(), used)
		}
		w.Flush()
		return err
	})
}

func tokenRevoke(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread token revoke", flag.ContinueOnError)
	id := f.String("id", "", "the token's `id`, from onethread token list")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *id == "" {
		*id = f.Arg(0)
	}
	return withStore(ctx, env, func(p *Program) error {
		n, err := models.ParseID(*id)
		if err != nil {
			return err
		}
		if err := p.Auth.RevokeToken(ctx, system, n); err != nil {
			return err
		}
		fmt.Println("revoked")
		return nil
	})
}
