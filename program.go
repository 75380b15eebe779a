package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sys/unix"

	"onethread/handlers"
	"onethread/handlers/api"
	"onethread/handlers/guest"
	"onethread/handlers/hooks"
	"onethread/handlers/public"
	"onethread/handlers/staff"
	"onethread/handlers/web"
	"onethread/integrations"
	"onethread/integrations/webchat"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/outbox"
	"onethread/models/store"
	"onethread/views"
)

// Program is the running whole.
type Program struct {
	env      Env
	Store    *store.Store
	Auth     *auth.Auth
	Inbox    *inbox.Inbox
	Channels *channels.Registry
	outbox   *outbox.Worker
	app      *fiber.App
	doors    *guest.Doors
	chat     *public.Chat

	endStreams context.CancelFunc // closes every open WebSocket
	lock       *os.File
}

// openStore opens the data folder for any command, the server running or not.
func openStore(ctx context.Context, env Env) (*store.Store, error) {
	return store.Open(ctx, env.Data, store.Options{Key: env.SecretKey})
}

// domain wires what commands and the server share.
func domain(env Env, st *store.Store) *Program {
	p := &Program{env: env, Store: st, Auth: auth.New(st, time.Now), Inbox: inbox.New(st, integrations.All)}
	p.outbox = &outbox.Worker{Store: st, URL: env.URL, Senders: func(id models.ID) (models.Sender, bool) { return p.Channels.Sender(id) }}
	p.Channels = channels.New(st, integrations.All, p.Inbox.Ingest, env.URL, integrations.Dial, p.outbox.Resume)
	p.outbox.Paused = p.Channels.Refused
	p.Inbox.Fetcher, p.Inbox.URL = p.Channels.Fetch, env.URL
	return p
}

// open takes the data folder's lock, opens the store and builds the server.
func open(ctx context.Context, env Env) (*Program, error) {
	lock, err := lockData(env.Data)
	if err != nil {
		return nil, err
	}
	st, err := openStore(ctx, env)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	p := domain(env, st)
	p.lock = lock
	if err := p.build(); err != nil {
		return nil, errors.Join(err, st.Close(), lock.Close())
	}
	return p, nil
}

func (p *Program) build() error {
	v, err := views.Load()
	if err != nil {
		return err
	}
	streams, end := context.WithCancel(context.Background())
	p.endStreams = end
	signals := &web.Signals{}
	p.Inbox.Online, p.Inbox.Left = signals.Online, signals.Left
	p.doors = guest.New(p.Auth, v, p.env.URL, p.outbox.Notice)
	p.chat = public.New(public.Deps{Store: p.Store, Builder: webchat.New(p.Store.Vault.MAC, time.Now), Ingest: p.Inbox.Ingest, Keep: p.Inbox.Upload, Inbox: p.Inbox,
		Signals: signals, URL: p.env.URL, Streams: streams})
	p.app = handlers.New(handlers.Deps{Store: p.Store, Auth: p.Auth, Views: v, Doors: p.doors, URL: p.env.URL, Proxies: p.env.Proxies,
		Chat:  p.chat,
		API:   &api.Handlers{Store: p.Store, Auth: p.Auth, Inbox: p.Inbox, Channels: p.Channels, URL: p.env.URL, Streams: streams},
		Hooks: &hooks.Handlers{Channels: p.Channels, Ingest: p.Inbox.Ingest, Auth: p.Auth, URL: p.env.URL, Now: time.Now},
		Staff: staff.New(staff.Deps{Store: p.Store, Auth: p.Auth, Inbox: p.Inbox, Channels: p.Channels, Views: v, URL: p.env.URL, Streams: streams, Signals: signals,
			Dial: p.env.imageDialer()}),
	})
	return nil
}

// Serve runs everything until ctx ends, then stops in order: stop accepting, streams, receivers,
// outbox (what has begun is finished), server, database.
func (p *Program) Serve(ctx context.Context, l net.Listener) error {
	loops, stopLoops := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLoops()
	returnMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // a heap of some ten MB: collected half as often it takes a tenth less of each page, and a few MB under load
	}
	failed := make(chan error, 8)
	var wg sync.WaitGroup
	for name, loop := range map[string]func(context.Context) error{"channels": p.Channels.Run, "outbox": p.outbox.Run, "inbox": p.Inbox.Run, "files": p.Inbox.RunFetches, "database": p.Store.WatchFile, "chat": p.chat.Run} {
		wg.Go(func() {
			if err := loop(loops); err != nil {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		})
	}
	served := make(chan error, 1)
	go func() { served <- p.app.Listener(l) }()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	case err = <-served:
	}
	slog.Info("stopping")
	p.endStreams()
	stopLoops()
	if e := p.app.ShutdownWithTimeout(8 * time.Second); e != nil {
		slog.Warn("some requests were cut off", "error", e)
	}
	wg.Wait()
	p.doors.Finish()
	return errors.Join(err, p.Close())
}

// Close closes the store and gives the data folder back.
func (p *Program) Close() error {
	return errors.Join(p.Store.Close(), p.lock.Close())
}

// lockData makes sure that one server at a time works on a data folder, across containers too.
func lockData(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be created: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "onethread.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be written to: %w", dir, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another Onethread server is using the data folder %s; stop it first", dir), f.Close())
	}
	return f, nil
}
