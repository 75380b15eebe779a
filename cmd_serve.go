package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// serve runs the server.
func serve(ctx context.Context, env Env, args []string) error {
	if err := parse(flag.NewFlagSet("onethread serve", flag.ContinueOnError), args); err != nil {
		return err
	}
	p, err := open(ctx, env)
	if err != nil {
		return err
	}
	l, err := listen(env.Addr)
	if err != nil {
		return errors.Join(err, p.Close())
	}
	fmt.Printf("Onethread is running at %s\n", env.URL)
	link, err := p.Auth.SetupLink(ctx)
	if err != nil {
		return errors.Join(err, p.Close())
	}
	if link != "" {
		fmt.Printf("\nMake yourself the owner with this one-time link:\n\n  %s/setup/%s\n\n", env.URL, link)
	}
	return p.Serve(ctx, l)
}

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w. Another program may be using it; choose another with ONETHREAD_ADDR", addr, err)
	}
	return l, nil
}

// parse reads flags and refuses words that are left over.
func parse(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%s takes no argument %q; see %s -h", f.Name(), f.Arg(0), f.Name())
	}
	return nil
}

// health asks the server on this machine whether it is ready; the container's health check.
func health(ctx context.Context, env Env, args []string) error {
	if err := parse(flag.NewFlagSet("onethread health", flag.ContinueOnError), args); err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(env.Addr)
	if err != nil {
		return err
	}
	if host == "" || strings.Trim(host, "0.:") == "" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s", answer.Status)
	}
	return nil
}
