package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"onethread/integrations/email/postoffice"
	"onethread/models/demo"
)

// demoUser is whom the sample shop is opened as.
const demoUser = "demo@example.com"

// demoCommand serves a sample shop from a temporary folder, which is removed at the end.
func demoCommand(ctx context.Context, env Env, args []string) error {
	f := flag.NewFlagSet("onethread demo", flag.ContinueOnError)
	quiet := f.Bool("quiet", false, "nothing happens by itself while it runs")
	seed := f.Uint64("seed", uint64(time.Now().UnixNano()), "the same `number` makes the same choices")
	if err := parse(f, args); err != nil {
		return err
	}
	if os.Getenv("ONETHREAD_LOG") == "" { // three lines are to be read, not searched for
		slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	}
	env.Addr = cmp.Or(os.Getenv("ONETHREAD_ADDR"), "127.0.0.1:8080")
	if os.Getenv("ONETHREAD_URL") == "" {
		env.URL = ""
	}
	s, err := openSample(ctx, env)
	if err != nil {
		return err
	}
	fmt.Printf("Inbox:       %s\nLog in:      %s/enter/%s (once; or as %s with the password %s)\nStorefront:  %s\n",
		s.env.URL, s.site, s.front.enter, demoUser, s.password, s.site)
	return s.run(ctx, *quiet, *seed)
}

// sample is the sample shop with everything it needs on this machine: the program over a temporary
// folder, a post office that talks to nobody, and the storefront.
type sample struct {
	env      Env
	site     string // the storefront's address
	password string
	shop     *demo.Shop
	office   *postoffice.Office
	program  *Program
	front    *storefront
	carrier  *carrier

	inboxPort, sitePort net.Listener
}

// openSample takes the ports and fills the folder. An empty env.URL stands for the address it listens on.
func openSample(ctx context.Context, env Env) (s *sample, err error) {
	s = &sample{env: env, password: strings.ToLower(rand.Text())}
	s.carrier = newCarrier(ctx)
	s.env.SecretKey = nil // the folder's own: it goes with the folder
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := s.listen(); err != nil {
		return s, err
	}
	if s.env.Data, err = os.MkdirTemp("", "onethread-demo-"); err != nil {
		return s, fmt.Errorf("the sample shop needs a temporary folder: %w", err)
	}
	if s.office, err = postoffice.Open(ctx, demo.Address, rand.Text()); err != nil {
		return s, err
	}
	s.office.Refuse(demo.Gone, "The mailbox does not exist any more")
	if err := s.fill(ctx); err != nil {
		return s, err
	}
	s.env.images = s.dialSite
	if s.program, err = open(ctx, s.env); err != nil {
		return s, err
	}
	staff := s.program.Auth
	s.front = newStorefront(s.env.URL, s.shop.Chat, s.carrier, func(r *http.Request) (string, error) {
		ip, _, _ := net.SplitHostPort(r.RemoteAddr)
		cookie, _, err := staff.Login(r.Context(), demoUser, s.password, ip, r.UserAgent())
		return cookie, err
	})
	return s, nil
}

// listen takes the inbox's port and the next one, for the storefront.
func (s *sample) listen() (err error) {
	if s.inboxPort, err = listen(s.env.Addr); err != nil {
		return err
	}
	at := s.inboxPort.Addr().(*net.TCPAddr)
	host, asked, err := net.SplitHostPort(s.env.Addr)
	if err != nil {
		return err
	}
	next := "0"
	if asked != "0" {
		next = fmt.Sprint(at.Port + 1)
	}
	if s.sitePort, err = listen(net.JoinHostPort(host, next)); err != nil {
		return fmt.Errorf("the storefront takes the port after the inbox's: %w", err)
	}
	name := host
	if at.IP.IsUnspecified() || at.IP.IsLoopback() {
		name = "localhost"
	}
	if s.env.URL == "" {
		s.env.URL = fmt.Sprintf("http://%s", net.JoinHostPort(name, fmt.Sprint(at.Port)))
	}
	s.site = fmt.Sprintf("http://%s", net.JoinHostPort(hostOf(s.env.URL), fmt.Sprint(s.sitePort.Addr().(*net.TCPAddr).Port)))
	return nil
}

// dialSite lets the image proxy reach the storefront and nothing else: nothing leaves the machine.
func (s *sample) dialSite(ctx context.Context, _, addr string) (net.Conn, error) {
	if addr != strings.TrimPrefix(s.site, "http://") {
		return nil, fmt.Errorf("the sample shop fetches pictures from its own storefront only, not from %s", addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", s.sitePort.Addr().String())
}

// run serves inbox and storefront until ctx ends, then takes everything away again.
func (s *sample) run(ctx context.Context, quiet bool, seed uint64) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	site := &http.Server{Handler: s.front.routes(), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	var wg sync.WaitGroup
	failed := make(chan error, 2)
	part := func(do func() error) {
		wg.Go(func() {
			if err := do(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- err
				stop()
			}
		})
	}
	part(func() error { return site.Serve(s.sitePort) })
	if !quiet {
		life := s.shop.Live(s.program.Store, s.program.Inbox, s.office.Put, seed)
		part(func() error { return life.Run(ctx) })
	}
	p := s.program
	s.program = nil // Serve closes it
	context.AfterFunc(ctx, func() { _ = site.Close() })
	err := p.Serve(ctx, s.inboxPort)
	stop()
	wg.Wait()
	close(failed)
	for e := range failed {
		err = errors.Join(err, e)
	}
	return errors.Join(err, s.close())
}

// close gives back what is open and removes the folder.
func (s *sample) close() error {
	var all []error
	if s.program != nil {
		all = append(all, s.program.Close())
	}
	if s.office != nil {
		all = append(all, s.office.Close())
	}
	for _, l := range []net.Listener{s.inboxPort, s.sitePort} {
		if l != nil {
			_ = l.Close() // its server has closed it already
		}
	}
	if s.env.Data != "" {
		all = append(all, os.RemoveAll(s.env.Data))
	}
	return errors.Join(all...)
}
