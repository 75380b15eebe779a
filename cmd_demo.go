package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
)

// demo serves a sample shop from a temporary folder, which is removed at the end.
func demo(ctx context.Context, env Env, args []string) (err error) {
	if err := parse(flag.NewFlagSet("onethread demo", flag.ContinueOnError), args); err != nil {
		return err
	}
	if env.Data, err = os.MkdirTemp("", "onethread-demo-"); err != nil {
		return fmt.Errorf("the demo needs a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(env.Data)) }()
	return serve(ctx, env, nil)
}
