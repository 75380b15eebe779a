// Package channels keeps every connected channel open: it runs their receivers, and finds their
// senders and hooks. A channel added, changed or removed, by whatever program, counts within seconds.
package channels

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Dial makes the dialler of a channel; without allowPrivate it refuses private and loopback addresses.
type Dial func(allowPrivate bool) func(ctx context.Context, network, addr string) (net.Conn, error)

// Registry is the set of open channels.
type Registry struct {
	st        *store.Store
	providers []models.Provider
	deliver   models.Deliver
	url       string
	dial      Dial
	changed   func(models.ID) // told when a channel was opened anew

	mu     sync.Mutex
	open   map[models.ID]*opened
	called map[models.ID]models.Time // when a channel's provider last called, as far as it is recorded

	renewing renewals // secrets that providers exchange
	asked    askings  // owners on their way to a provider's site
}

type opened struct {
	channel models.Channel
	conn    models.Connection
	err     error
	stop    context.CancelFunc
	stopped chan struct{}
}

// New makes a Registry. changed may be nil.
func New(st *store.Store, providers []models.Provider, deliver models.Deliver, url string, dial Dial, changed func(models.ID)) *Registry {
	return &Registry{st: st, providers: providers, deliver: deliver, url: url, dial: dial, changed: changed, open: map[models.ID]*opened{}, called: map[models.ID]models.Time{}}
}

// Providers lists what can be connected.
func (r *Registry) Providers() []models.Provider { return r.providers }

// Provider finds a provider by its kind.
func (r *Registry) Provider(kind string) (models.Provider, bool) {
	i := slices.IndexFunc(r.providers, func(p models.Provider) bool { return p.Kind == kind })
	if i < 0 {
		return models.Provider{}, false
	}
	return r.providers[i], true
}

// poll is how often changes made by another program (the command line) are looked for.
const poll = 2 * time.Second

// Run keeps the channels open and their receivers running until ctx ends, then stops them.
func (r *Registry) Run(ctx context.Context) error {
	defer r.stopAll()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	var seen models.ID
	var version string
	for {
		bell := r.st.Bell.Wait()
		v, err := store.ChannelsVersion(r.st.Read(ctx))
		if err == nil && v != version {
			if err = r.reload(ctx); err == nil {
				version = v
			}
		}
		if err != nil && ctx.Err() == nil {
			slog.Error("channels: reloading", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		case <-tick.C:
			if last, err := store.LastEventID(r.st.Read(ctx)); err == nil && last > seen {
				if seen != 0 {
					r.st.Bell.Ring() // perhaps another program wrote it, whose bell we cannot hear
				}
				seen = last
			}
		}
	}
}

// reload opens what is new or changed and closes what is gone.
func (r *Registry) reload(ctx context.Context) error {
	now, err := r.st.Channels(r.st.Read(ctx))
	if err != nil {
		return err
	}
	for _, c := range now {
		if old := r.find(c.ID); old == nil || old.channel.UpdatedAt != c.UpdatedAt {
			r.replace(ctx, old, c)
		}
	}
	r.mu.Lock()
	gone := maps.Clone(r.open)
	r.mu.Unlock()
	for _, c := range now {
		delete(gone, c.ID)
	}
	for id, o := range gone {
		o.close()
		r.mu.Lock()
		delete(r.open, id)
		r.mu.Unlock()
	}
	return nil
}

func (r *Registry) replace(ctx context.Context, old *opened, c models.Channel) {
	if old != nil {
		old.close()
	}
	o := r.connect(c)
	r.mu.Lock()
	r.open[c.ID] = o
	r.mu.Unlock()
	if o.err != nil {
		r.status(ctx, c.ID, models.Status{State: "off", Problem: o.err.Error()})
	} else if !c.Paused && o.conn.Receiver != nil {
		r.receive(ctx, o)
	} else if c.Paused {
		r.status(ctx, c.ID, models.Status{State: "off"})
	} else {
		r.status(ctx, c.ID, models.Status{State: "live"})
	}
	if r.changed != nil { // at first too: messages may have come up before their channel
		r.changed(c.ID)
	}
}

func (r *Registry) connect(c models.Channel) *opened {
	o := &opened{channel: c}
	p, ok := r.Provider(c.Type)
	if !ok {
		o.err = fmt.Errorf("this version of Onethread does not know channels of the type %q", c.Type)
		return o
	}
	o.conn, o.err = p.Open(c, r.host(c))
	return o
}

// host is what a channel's provider may use of us.
func (r *Registry) host(c models.Channel) models.Host {
	return models.Host{URL: r.url, Log: slog.With("channel", c.ID, "type", c.Type), Now: func() time.Time { return r.st.Now().Std() },
		Dial: r.dial(c.Settings["allow_private"] == "true"),
		Cursor: func(ctx context.Context, name string) (string, error) {
			return store.Cursor(r.st.Read(ctx), c.ID, name)
		},
		Staff: func(address string) bool {
			u, err := store.UserByEmail(r.st.Read(context.Background()), address)
			return err == nil && u.DisabledAt == 0
		},
		Status: func(ctx context.Context, s models.Status) { r.status(ctx, c.ID, s) },
		Renew: func(ctx context.Context, key string, renew func(string) (string, error)) error {
			return r.renew(ctx, c, key, renew)
		},
		Places: func(ctx context.Context, folder string, validity uint32) ([]uint32, error) {
			return store.MailPlaces(r.st.Read(ctx), c.ID, folder, validity)
		},
		Gone: func(ctx context.Context, folder string, validity uint32, uids []uint32) error {
			return r.st.Write(ctx, func(tx *store.Tx) error { return store.MailGone(tx, c.ID, folder, validity, uids) })
		},
	}
}

func (r *Registry) status(ctx context.Context, id models.ID, s models.Status) {
	err := r.st.Write(ctx, func(tx *store.Tx) error { return store.SetHealth(tx, id, s) })
	if err != nil && ctx.Err() == nil {
		slog.Warn("channels: a channel's state could not be recorded", "channel", id, "error", err)
	}
}

// receive runs a channel's receiver; one that returns is started again after a while.
func (r *Registry) receive(ctx context.Context, o *opened) {
	ctx, o.stop = context.WithCancel(ctx)
	o.stopped = make(chan struct{})
	go func() {
		defer close(o.stopped)
		for ctx.Err() == nil {
			err := o.conn.Receiver.Receive(ctx, r.deliver)
			if ctx.Err() != nil {
				return
			}
			slog.Error("channels: a receiver ended; it is started again in ten seconds", "channel", o.channel.ID, "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(10 * time.Second):
			}
		}
	}()
}

func (o *opened) close() {
	if o.stop != nil {
		o.stop()
		<-o.stopped
	}
}

func (r *Registry) stopAll() {
	r.mu.Lock()
	all := maps.Clone(r.open)
	r.mu.Unlock()
	for _, o := range all {
		o.close()
	}
}

func (r *Registry) find(id models.ID) *opened {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id]
}

// Sender gives a channel's sender for the outbox; ok is false while it is paused, gone or broken.
func (r *Registry) Sender(id models.ID) (models.Sender, bool) {
	o := r.find(id)
	if o == nil || o.err != nil || o.channel.Paused || o.conn.Sender == nil {
		return nil, false
	}
	return o.conn.Sender, true
}

// Fetch gives what fetches a channel's files; ok is false while it is paused, gone, broken, or
// keeps no files for us.
func (r *Registry) Fetch(id models.ID) (models.Fetch, bool) {
	o := r.find(id)
	if o == nil || o.err != nil || o.channel.Paused || o.conn.Fetch == nil {
		return nil, false
	}
	return o.conn.Fetch, true
}

// Hook finds the hook of a channel of the given type; an empty kind means any. A channel that is
// unknown, of another type, or without a hook is NotFound; a paused one is Unavailable, so that
// its provider tries again.
func (r *Registry) Hook(ctx context.Context, kind string, id models.ID) (models.Hook, models.Channel, error) {
	missing := models.Errorf(models.NotFound, "There is no such channel.")
	o := r.find(id)
	if o == nil { // added a moment ago, or by another program
		c, err := r.st.Channel(r.st.Read(ctx), id)
		if err != nil {
			return nil, c, missing
		}
		o = r.connect(c)
	}
	if o.err != nil || o.conn.Hook == nil || (kind != "" && o.channel.Type != kind) {
		return nil, o.channel, missing
	}
	if o.channel.Paused {
		return nil, o.channel, models.Errorf(models.Unavailable, "This channel is paused. Send it again later.")
	}
	return o.conn.Hook, o.channel, nil
}

// Reread gives what reads again what a channel brought before; ok is false when the channel is gone,
// broken, or keeps nothing to read again.
func (r *Registry) Reread(ctx context.Context, id models.ID) (read func(models.Kept) models.Inbound, ok bool) {
	c, err := r.st.Channel(r.st.Read(ctx), id)
	if err != nil {
		return nil, false
	}
	o := r.connect(c)
	return o.conn.Reread, o.err == nil && o.conn.Reread != nil
}

// Rejected counts a call that was refused for its signature.
func (r *Registry) Rejected(ctx context.Context, id models.ID) error {
	return r.st.Write(ctx, func(tx *store.Tx) error { return store.CountRejected(tx, id) })
}

// calledEvery is how often a provider's calls are recorded: a busy shop makes twenty a second.
const calledEvery = 10 * time.Second

// Called records, for the settings screen, that a channel's provider called with a good signature.
// Failing at it is no reason to refuse the call.
func (r *Registry) Called(ctx context.Context, id models.ID) {
	now := r.st.Now()
	r.mu.Lock()
	fresh := now.Sub(r.called[id]) < calledEvery
	if !fresh {
		r.called[id] = now
	}
	r.mu.Unlock()
	if fresh {
		return
	}
	if err := r.st.Write(ctx, func(tx *store.Tx) error { return store.NoteCall(tx, id) }); err != nil && ctx.Err() == nil {
		slog.Warn("channels: a call could not be noted", "channel", id, "error", err)
	}
}

// Check runs a channel's live test with the given settings, saved or not. It leaves no trace at the provider,
// unless whole is asked for.
func (r *Registry) Check(ctx context.Context, c models.Channel, whole bool) []models.Check {
	o := r.connect(c)
	if o.err != nil {
		return []models.Check{{Step: "settings", Problem: o.err.Error()}}
	}
	if o.conn.Check == nil {
		return []models.Check{{Step: "settings", OK: true}}
	}
	steps := o.conn.Check(ctx)
	if whole && o.conn.Probe != nil && !slices.ContainsFunc(steps, func(s models.Check) bool { return !s.OK }) {
		steps = append(steps, o.conn.Probe(ctx)...)
	}
	return steps
}

// Refused shows that a channel's credentials were refused while sending, until a message goes out or its
// settings change.
func (r *Registry) Refused(ctx context.Context, id models.ID, problem string) {
	err := r.st.Write(ctx, func(tx *store.Tx) error { return store.SetSendProblem(tx, id, problem) })
	if err != nil && ctx.Err() == nil {
		slog.Warn("channels: that a channel may not send could not be recorded", "channel", id, "error", err)
	}
}
