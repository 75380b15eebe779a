package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

// channel adds, lists, checks and removes channels.
func channel(ctx context.Context, env Env, args []string) error {
	return pick("channel", args, map[string]func([]string) error{
		"add":    func(a []string) error { return channelAdd(ctx, env, a) },
		"list":   func(a []string) error { return channelList(ctx, env, a) },
		"check":  func(a []string) error { return channelCheck(ctx, env, a) },
		"remove": func(a []string) error { return channelRemove(ctx, env, a) },
	}, "add TYPE | list | check ID | remove ID")
}

// pairs collects --set key=value; a value @file is read from the file.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(text string) error {
	key, value, ok := strings.Cut(text, "=")
	if !ok || key == "" {
		return fmt.Errorf("write it as key=value")
	}
	if file, isFile := strings.CutPrefix(value, "@"); isFile {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		value = strings.TrimRight(string(b), "\r\n")
	}
	p[key] = value
	return nil
}

// channelAdd prints the new channel's id as the last word.
func channelAdd(ctx context.Context, env Env, args []string) error {
	kind := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		kind, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("onethread channel add TYPE", flag.ContinueOnError)
	name := f.String("name", "", "what staff call it")
	set := pairs{}
	f.Var(set, "set", "`key=value`, as often as needed; @file reads the value from a file")
	f.Usage = func() { channelHelp(f, kind) }
	if err := parse(f, args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		in := channels.Input{Settings: set}
		if *name != "" {
			in.Name = name
		}
		c, err := p.Channels.Add(ctx, kind, in)
		if err != nil {
			return named(err)
		}
		tell(p, c, set)
		fmt.Println("channel", c.ID)
		return nil
	})
}

// tell prints what the other side needs: webhook addresses, the widget's line, generated secrets.
func tell(p *Program, c models.Channel, given pairs) {
	provider, _ := p.Channels.Provider(c.Type)
	for _, url := range channels.HookURLs(provider, c, p.env.URL) {
		fmt.Println("webhook address:", url)
	}
	if who, ok := p.Channels.Consent(c); ok {
		fmt.Printf("address to come back to, for %s: %s\n", who, p.Channels.ReturnURL())
	}
	if c.Type == "webchat" {
		fmt.Printf("for your site:   <script async src=\"%s/widget.js\" data-channel=\"%s\"></script>\n", p.env.URL, c.Key)
	}
	if c.Type == "generic" {
		fmt.Printf("signed door:     %s/api/v1/ingest/%s\n", p.env.URL, c.ID)
	}
	for _, field := range provider.Fields {
		if field.Generate && given[field.Key] == "" {
			fmt.Printf("%s (also in Settings): %s\n", field.Key, c.Settings[field.Key])
		}
	}
}

// named adds the setting at fault to an error.
func named(err error) error {
	var e *models.Error
	if errors.As(err, &e) && e.Field != "" {
		return fmt.Errorf("%s: %s", strings.TrimPrefix(e.Field, "settings."), e.Message)
	}
	return err
}

// channelHelp lists the types, or the settings of one.
func channelHelp(f *flag.FlagSet, kind string) {
	registry := domain(Env{}, nil).Channels
	provider, ok := registry.Provider(kind)
	if !ok {
		fmt.Println("Usage: onethread channel add TYPE --name N --set key=value …\n\nTypes (onethread channel add TYPE -h lists their settings):")
		for _, p := range registry.Providers() {
			fmt.Printf("  %-12s %s\n", p.Kind, p.Name)
		}
		return
	}
	fmt.Printf("Usage: onethread channel add %s --name N --set key=value …\n\nSettings of %s:\n", kind, provider.Name)
	w := table("  KEY", "DEFAULT", "MEANING")
	for _, field := range provider.Fields {
		def := field.Default
		switch {
		case field.Required:
			def = "(required)"
		case field.Generate:
			def = "(made for you)"
		}
		row(w, "  "+field.Key, def, strings.TrimSpace(field.Label+". "+field.Help))
	}
	w.Flush()
}

func channelList(ctx context.Context, env Env, args []string) error {
	if err := parse(flag.NewFlagSet("onethread channel list", flag.ContinueOnError), args); err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		all, err := p.Store.Channels(p.Store.Read(ctx))
		if err != nil {
			return err
		}
		healths, err := store.Healths(p.Store.Read(ctx))
		state := map[models.ID]store.Health{}
		for _, h := range healths {
			state[h.ChannelID] = h
		}
		w := table("ID", "TYPE", "NAME", "STATE", "PROBLEM")
		for _, c := range all {
			row(w, c.ID.String(), c.Type, c.Name, state[c.ID].State, strings.TrimSpace(state[c.ID].Problem+" "+state[c.ID].SendProblem))
		}
		w.Flush()
		return err
	})
}

// channelID reads the id that is a sub-command's one argument.
func channelID(name string, args []string) (models.ID, error) {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	if err := f.Parse(args); err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, fmt.Errorf("%s wants the channel's id; onethread channel list shows it", name)
	}
	return models.ParseID(f.Arg(0))
}

func channelCheck(ctx context.Context, env Env, args []string) error {
	id, err := channelID("onethread channel check", args)
	if err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		c, err := p.Store.Channel(p.Store.Read(ctx), id)
		if err != nil {
			return err
		}
		return printChecks(p.Channels.Check(ctx, c, true))
	})
}

func printChecks(steps []models.Check) error {
	var failed error
	for _, s := range steps {
		if s.OK {
			fmt.Println(strings.TrimSpace(fmt.Sprintf("ok    %-12s %d ms  %s", s.Step, s.Took.Milliseconds(), s.Note)))
			continue
		}
		fmt.Printf("FAIL  %-12s %s\n", s.Step, s.Problem)
		failed = errors.New("the channel does not work yet")
	}
	return failed
}

func channelRemove(ctx context.Context, env Env, args []string) error {
	id, err := channelID("onethread channel remove", args)
	if err != nil {
		return err
	}
	return withStore(ctx, env, func(p *Program) error {
		if err := p.Channels.Remove(ctx, id); err != nil {
			return err
		}
		fmt.Println("removed; its messages stay on their threads")
		return nil
	})
}
