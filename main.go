// Onethread is a self-hosted inbox for small shops: email, web chat and orders of one customer
// stand in one thread. This file wires the program together; every command has a cmd_*.go file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the container has no time zone database of its own
)

// version is set by the build (-ldflags "-X main.version=…").
var version = "dev"

// command is one sub-command.
type command struct {
	name, summary string
	run           func(ctx context.Context, env Env, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "run the server (the default)", serve},
		{"demo", "run a sample shop from a temporary folder; nothing leaves the machine", demoCommand},
		{"user", "add, list, disable members of staff; reset a password", user},
		{"token", "add, list, revoke API tokens", token},
		{"customer", "erase or export one person", customer},
		{"import", "bring customers in from a CSV or vCard file", importing},
		{"export", "write all customers to a CSV file", exporting},
		{"channel", "add, list, check, remove channels", channel},
		{"backup", "copy the database and the attachments into one file, while the server runs", backup},
		{"restore", "bring a backup back", restore},
		{"mail", "show what the parser makes of raw mails; read kept ones again", mail},
		{"doctor", "check database, disk, clock, address and channels", doctor},
		{"health", "ask a running server whether it is ready", health},
		{"version", "print the version", func(context.Context, Env, []string) error { fmt.Println(version); return nil }},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "onethread:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	env, err := readEnv(os.LookupEnv)
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: env.LogLevel})))
	if len(args) == 0 {
		return serve(ctx, env, nil)
	}
	switch args[0] {
	case "-h", "--help", "help":
		usage()
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, env, args[1:])
		}
	}
	usage()
	return fmt.Errorf("there is no command %q", args[0])
}

func usage() {
	fmt.Println("Onethread: one thread per customer.\n\nUsage: onethread [command] [flags]   (-h on every command)\n\nCommands:")
	for _, c := range commands() {
		fmt.Printf("  %-9s %s\n", c.name, c.summary)
	}
	fmt.Println("\nEnvironment: ONETHREAD_ADDR, ONETHREAD_DATA, ONETHREAD_URL, ONETHREAD_SECRET_KEY (or _FILE),\nONETHREAD_TRUSTED_PROXIES, ONETHREAD_LOG; see README.md.")
}
