package main

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"syscall"

	"onethread/models/store"
)

// backup writes a consistent copy of database and attachments into one file, server running or not.
func backup(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread backup FILE", flag.ContinueOnError)
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() != 1 {
		return fmt.Errorf("say where to: onethread backup FILE")
	}
	stepBack()
	return withStore(ctx, env, func(p *Program) error {
		files, err := store.Backup(ctx, p.Store, f.Arg(0))
		if err == nil {
			fmt.Printf("%s holds the database and %d files. The secret key is not in it: keep %s/secret.key (or your ONETHREAD_SECRET_KEY) apart, it opens the channels' passwords\n", f.Arg(0), files, env.Data)
		}
		return err
	})
}

// stepBack lets the server beside us go first on the processor: copying and packing are done by the calling
// goroutine alone, whose thread is Linux's unit of priority.
func stepBack() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 10) // where it is refused, the backup is as polite as any program
}

// restore brings a backup back into the data folder. The server must be stopped.
func restore(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread restore FILE", flag.ContinueOnError)
	force := f.Bool("force", false, "replace what is in the data folder; the old database is kept beside it")
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if err := f.Parse(args); err != nil {
		return err
	}
	if name == "" {
		name = f.Arg(0)
	}
	if name == "" {
		return fmt.Errorf("say which backup: onethread restore FILE")
	}
	lock, err := lockData(env.Data)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := store.Restore(ctx, env.Data, name, *force); err != nil {
		return err
	}
	fmt.Println("restored; start the server")
	return nil
}
