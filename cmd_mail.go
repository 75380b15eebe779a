package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"onethread/integrations/email"
)

// mail shows what the parser and the classifiers make of raw mails; it stores nothing.
func mail(ctx context.Context, env Env, args []string) error {
	return pick("mail", args, map[string]func([]string) error{"parse": mailParse}, "parse [--body text|html] FILE…")
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
