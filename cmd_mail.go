package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"onethread/integrations/email"
	"onethread/models"
)

// mail shows what the parser and the classifiers make of raw mails, and reads the kept ones again.
func mail(ctx context.Context, env Env, args []string) error {
	return pick("mail", args, map[string]func([]string) error{"parse": mailParse, "reparse": func(a []string) error { return mailReparse(ctx, env, a) }},
		"parse [--body text|html] FILE… | reparse [--channel ID] [--dry-run]")
}

// mailReparse reads every mail again from its original, for a version that understands mail better.
// The server may run meanwhile.
func mailReparse(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread mail reparse", flag.ContinueOnError)
	only := f.String("channel", "", "only the mails of the channel with this `id`")
	dry := f.Bool("dry-run", false, "tell what would change, and change nothing")
	if err := parse(f, args); err != nil {
		return err
	}
	var channel models.ID
	if *only != "" {
		var err error
		if channel, err = models.ParseID(*only); err != nil {
			return fmt.Errorf("%q is no channel's id; onethread channel list shows them", *only)
		}
	}
	st, err := openStore(ctx, env)
	if err != nil {
		return err
	}
	defer st.Close()
	p := domain(env, st)
	done, err := p.Inbox.Reread(ctx, p.Channels.Reread, channel, *dry)
	fmt.Printf("%d mails looked at, %d read differently now, %d readable that were not", done.Looked, done.Changed, done.Readable)
	if done.Skipped > 0 {
		fmt.Printf(", %d left as they are (their channel is gone, or they were redacted)", done.Skipped)
	}
	if *dry {
		fmt.Print("; nothing was changed")
	}
	fmt.Println()
	return err
}

// mailParse prints one JSON line per file. A file it cannot read gives "error"; the exit status is 0.
func mailParse(args []string) error {
	f := flag.NewFlagSet("onethread mail parse", flag.ContinueOnError)
	body := f.String("body", "", "the files are bare bodies: `text` or html")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *body != "" && *body != "text" && *body != "html" {
		return fmt.Errorf("--body is text or html")
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, name := range f.Args() {
		raw, err := os.ReadFile(name)
		if err != nil {
			if err := out.Encode(map[string]string{"error": err.Error()}); err != nil {
				return err
			}
			continue
		}
		if err := out.Encode(email.Report(raw, *body)); err != nil {
			return err
		}
	}
	return nil
}
