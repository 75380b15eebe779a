package staff

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

// How often a socket looks after itself.
const (
	closeSession = 4401                   // the browser loads the page again and finds the login
	standEvery   = 700 * time.Millisecond // a revoked session's socket is gone within a second
	viewEvery    = 5 * time.Second        // says again who looks at what
	viewLasts    = 12 * time.Second       // and is believed this long
	feedAtOnce   = 200                    // events read at a time
	tooFarBehind = 5000                   // events after which loading the page anew is cheaper
)

// frame is what the browser gets. S is the feed's cursor; frames without it are ephemeral.
type frame struct {
	S      models.ID `json:"s,omitempty"`
	T      string    `json:"t"` // patch, thread, gone, typing, presence, trouble, reload
	C      string    `json:"c,omitempty"`
	Row    string    `json:"row,omitempty"`
	Gone   string    `json:"gone,omitempty"` // this customer's row leaves: merged into another
	Entry  string    `json:"e,omitempty"`
	Head   string    `json:"head,omitempty"`
	Ribbon string    `json:"ribbon,omitempty"`
	Panel  string    `json:"panel,omitempty"`
	Ways   string    `json:"ways,omitempty"`
	Name   string    `json:"name,omitempty"`
	Link   string    `json:"link,omitempty"` // where the trouble can be mended, for who may
	Names  []string  `json:"names,omitempty"`
}

// asked is what the browser says.
type asked struct {
	T            string `json:"t"` // open, typing
	Customer     string `json:"customer"`
	Conversation string `json:"conversation"`
	Note         bool   `json:"note"`
}

// Live answers GET /live?after=SEQ&customer=ID: everything after a cursor, then what comes, as
// pieces of the page. Live and catch-up are the same loop.
func (s *Screens) Live() fiber.Handler {
	socket := web.Socket(s.URL, s.serve)
	return func(c *fiber.Ctx) error {
		visit, ok := web.Current(c)
		if !ok {
			return &models.Error{Code: models.Unsigned, Message: "Log in first."}
		}
		c.Locals("session", visit.Session.ID)
		c.Locals("reader", s.reader(c))
		return socket(c)
	}
}

// stream is one socket at work. Only its own goroutine writes.
type stream struct {
	s       *Screens
	conn    *websocket.Conn
	session models.ID
	r       reader
	after   models.ID
	open    models.ID         // the customer whose thread is on the screen
	about   models.ID         // which of their conversations, where one was chosen
	sent    map[string]uint64 // what stands around it: each piece as it was sent last, as a sum
	others  map[models.ID]viewer
	shown   string
	trouble banner          // what the banner says
	bell    <-chan struct{} // taken before what is sent now was read
}

type viewer struct {
	name  string
	until time.Time
}

func (s *Screens) serve(conn *websocket.Conn) {
	st := &stream{s: s, conn: conn, others: map[models.ID]viewer{}, sent: map[string]uint64{}}
	st.session, _ = conn.Locals("session").(models.ID)
	st.r, _ = conn.Locals("reader").(reader)
	after, _ := strconv.ParseInt(conn.Query("after"), 10, 64)
	st.after = models.ID(max(after, 0))
	st.open, _ = models.ParseID(conn.Query("customer"))
	st.about, _ = models.ParseID(conn.Query("conversation"))
	ctx, stop := context.WithCancelCause(s.Streams)
	said := make(chan asked, 8)
	var reading sync.WaitGroup
	reading.Go(func() { stop(st.read(ctx, said)) })
	err := st.write(ctx, said)
	stop(err)
	st.bye(err)
	reading.Wait() // the connection goes back to its pool when we return
}

type closing int

func (c closing) Error() string { return "close " + strconv.Itoa(int(c)) }

// bye says why, and ends the connection, which also ends the reader.
func (st *stream) bye(err error) {
	code := websocket.CloseServiceRestart // the browser comes back by itself
	var c closing
	if errors.As(err, &c) {
		code = int(c)
	}
	_ = st.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = st.conn.Close()
}

// read takes in what the browser says until the socket ends.
func (st *stream) read(ctx context.Context, said chan<- asked) error {
	alive := func() { _ = st.conn.SetReadDeadline(time.Now().Add(2*web.PingEvery + web.WriteLimit)) }
	st.conn.SetPongHandler(func(string) error { alive(); return nil })
	budget := &web.Limiter{Most: web.MaxPerSec, Per: time.Second}
	for {
		alive()
		_, raw, err := st.conn.ReadMessage()
		if err != nil {
			return err
		}
		var f asked
		if budget.Allow("", 1) != nil || json.Unmarshal(raw, &f) != nil {
			return closing(websocket.ClosePolicyViolation)
		}
		select {
		case said <- f:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// write is the loop: the feed first, then whatever happens.
func (st *stream) write(ctx context.Context, said <-chan asked) error {
	signals, end := st.s.Signals.Listen()
	defer end()
	defer st.s.news.enter(st.r.user.ID)()
	ping, stand, view := time.NewTicker(web.PingEvery), time.NewTicker(standEvery), time.NewTicker(viewEvery)
	defer func() { ping.Stop(); stand.Stop(); view.Stop() }()
	st.look()
	if err := st.troubles(); err != nil {
		return err
	}
	for {
		st.bell = st.s.Store.Bell.Wait() // before reading, so that no event slips between
		more, err := st.catchUp(ctx)
		if err != nil {
			return errors.Join(context.Cause(ctx), err) // cut short by the reader's end: its reason counts
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-st.bell:
		case f := <-said:
			st.take(f)
		case sig := <-signals:
			err = st.signal(sig)
		case <-ping.C:
			err = st.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(web.WriteLimit))
		case <-stand.C:
			err = st.stand(ctx)
		case <-view.C:
			st.look()
			err = errors.Join(st.presence(), st.troubles())
		}
		if err != nil {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// stand ends the stream of a session that was revoked, or whose user is no longer what they were.
func (st *stream) stand(ctx context.Context) error {
	u, err := st.s.Auth.Standing(ctx, st.session)
	if models.IsCode(err, models.Unsigned) || (err == nil && u.Role != st.r.user.Role) {
		return closing(closeSession)
	}
	if err == nil {
		st.r.user = u
	}
	return nil
}

func (st *stream) take(f asked) {
	switch f.T {
	case "open":
		st.open, _ = models.ParseID(f.Customer)
		st.about, _ = models.ParseID(f.Conversation)
		st.others, st.shown, st.sent = map[models.ID]viewer{}, "", map[string]uint64{}
		st.look()
	case "typing":
		if st.open != 0 && st.r.canNote() {
			st.s.Signals.Send(web.Signal{Kind: "typing", CustomerID: st.open, UserID: st.r.user.ID, Name: st.r.user.Name})
		}
	}
}

// look tells the others what is on this screen.
func (st *stream) look() {
	if st.open != 0 {
		st.s.Signals.Send(web.Signal{Kind: "viewing", CustomerID: st.open, UserID: st.r.user.ID, Name: st.r.user.Name})
	}
}

func (st *stream) signal(sig web.Signal) error {
	if sig.UserID == st.r.user.ID && sig.UserID != 0 {
		return nil
	}
	switch sig.Kind {
	case "typing":
		name := sig.Name
		if name == "" {
			name = st.r.words.T("row.customer")
		}
		return st.send(frame{T: "typing", C: sig.CustomerID.String(), Name: name})
	case "viewing":
		if sig.CustomerID == st.open && sig.UserID != 0 {
			st.others[sig.UserID] = viewer{sig.Name, time.Now().Add(viewLasts)}
			return st.presence()
		}
	}
	return nil
}

// presence sends who else looks at the open thread, when that has changed.
func (st *stream) presence() error {
	var names []string
	for user, v := range st.others {
		if time.Now().After(v.until) {
			delete(st.others, user)
			continue
		}
		names = append(names, v.name)
	}
	slices.Sort(names)
	now := strings.Join(names, ", ")
	if now == st.shown || st.open == 0 {
		return nil
	}
	st.shown = now
	return st.send(frame{T: "presence", C: st.open.String(), Names: names})
}

func (st *stream) send(f frame) error {
	_ = st.conn.SetWriteDeadline(time.Now().Add(web.WriteLimit))
	return st.conn.WriteJSON(f)
}

// catchUp reads the feed behind the cursor and sends it. more is true when there may be more.
func (st *stream) catchUp(ctx context.Context) (more bool, err error) {
	q := st.s.Store.Read(ctx)
	events, err := st.s.feed(st.bell, st.after)
	if err != nil || len(events) == 0 {
		return false, err
	}
	if len(events) == feedAtOnce { // a feed that ends here is not far behind
		if last, err := store.LastEventID(q); err == nil && last-st.after > tooFarBehind {
			st.after = last
			return false, st.send(frame{T: "reload"})
		}
	}
	frames, err := st.draw(ctx, q, events)
	if err != nil {
		return false, err
	}
	for _, f := range frames {
		if err := st.send(f); err != nil {
			return false, err
		}
	}
	st.after = events[len(events)-1].ID
	return len(events) == feedAtOnce, nil
}
