package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"onethread/models/store"
)

// doctor checks database, disk, clock, public address and channels. Exit status 0 only if all is well.
func doctor(ctx context.Context, env Env, args []string) error {
	if err := parse(flag.NewFlagSet("onethread doctor", flag.ContinueOnError), args); err != nil {
		return err
	}
	sick := 0
	report := func(what string, err error) {
		if err != nil {
			sick++
			fmt.Printf("FAIL  %-16s %v\n", what, err)
			return
		}
		fmt.Printf("ok    %s\n", what)
	}
	err := withStore(ctx, env, func(p *Program) error {
		report("database file", store.IntegrityCheck(ctx, p.Store))
		report("database content", store.Check(ctx, p.Store))
		report("disk", diskCheck(p))
		report("clock", clockCheck(ctx, p))
		report("public address", urlCheck(env.URL))
		return checkChannels(ctx, p, report)
	})
	if err != nil {
		return err
	}
	if sick > 0 {
		return fmt.Errorf("%d of the checks failed", sick)
	}
	return nil
}

func checkChannels(ctx context.Context, p *Program, report func(string, error)) error {
	all, err := p.Store.Channels(p.Store.Read(ctx))
	for _, c := range all {
		if c.Paused {
			continue
		}
		var problems []string
		for _, s := range p.Channels.Check(ctx, c, false) {
			if !s.OK {
				problems = append(problems, s.Step+": "+s.Problem)
			}
		}
		var err error
		if len(problems) > 0 {
			err = errors.New(strings.Join(problems, "; "))
		}
		report("channel "+c.ID.String()+" "+c.Name, err)
	}
	return err
}

func diskCheck(p *Program) error {
	space, err := p.Store.Space()
	if err == nil && space.Low() {
		return fmt.Errorf("only %d MB are free; free some space before messages have to wait", space.Free>>20)
	}
	return err
}

// clockCheck finds a clock that was set back behind what is stored.
func clockCheck(ctx context.Context, p *Program) error {
	last, err := store.LastEventAt(p.Store.Read(ctx))
	if err != nil {
		return err
	}
	if ahead := last.Sub(p.Store.Now()); ahead > time.Minute {
		return fmt.Errorf("the newest event was stored %s in the future: this machine's clock was wrong then, or is now", ahead.Round(time.Second))
	}
	return nil
}

func urlCheck(url string) error {
	if strings.HasPrefix(url, "http://") && !strings.Contains(url, "//localhost") && !strings.Contains(url, "//127.0.0.1") {
		return fmt.Errorf("%s is not encrypted: passwords travel in the open. Put a proxy with TLS in front and set ONETHREAD_URL to https://…", url)
	}
	return nil
}
