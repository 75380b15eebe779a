package public

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
)

// Close codes: 4401 tells the widget to boot again, others to come back by itself.
const (
	closeStranger = 4401
	helloWithin   = 10 * time.Second
	history       = 100 // messages that a fresh frame is shown
)

// heard is a frame from the widget.
type heard struct {
	T     string    `json:"t"` // hi, say, typing, read
	Key   string    `json:"key"`
	Token string    `json:"token"`
	ID    string    `json:"id"`
	Text  string    `json:"text"`
	Files []string  `json:"files"`
	S     models.ID `json:"s"`
	whereabouts
}

// said is a frame to the widget.
type said struct {
	T       string     `json:"t"` // on, messages, ack, no, typing
	After   *models.ID `json:"after,omitempty"`
	List    []message  `json:"list,omitempty"`
	ID      string     `json:"id,omitempty"`
	Message string     `json:"message,omitempty"`
	Name    string     `json:"name,omitempty"`
	Again   int        `json:"again,omitempty"` // seconds to wait before the same is sent once more
}

// Live answers GET /c/chat/live?after=SEQ, the socket of an open conversation.
func (h *Chat) Live() fiber.Handler {
	socket := web.Socket(h.URL, h.serve)
	return func(c *fiber.Ctx) error {
		c.Locals("ip", auth.Network(web.IP(c)))
		return socket(c)
	}
}

// stream is one socket at work.
type stream struct {
	h     *Chat
	conn  *websocket.Conn
	who   call
	l     *listener
	after models.ID
	out   chan said
	stop  context.CancelCauseFunc
	leave func()
}

// errClose ends a stream with a close code.
type errClose struct{ code int }

func (e errClose) Error() string { return "close " + strconv.Itoa(e.code) }

func (h *Chat) serve(conn *websocket.Conn) {
	ctx, stop := context.WithCancelCause(h.Streams)
	s := &stream{h: h, conn: conn, l: newListener(), out: make(chan said, 32), stop: stop, leave: func() {}}
	if n, err := strconv.ParseInt(conn.Query("after"), 10, 64); err == nil && n > 0 {
		s.after = models.ID(n)
	}
	if err := s.hello(ctx); err != nil {
		s.close(err)
		return
	}
	defer func() { h.hub.leave(s.l); s.leave() }()
	var writing sync.WaitGroup
	writing.Go(func() { s.write(ctx) })
	stop(s.read(ctx))
	writing.Wait() // the connection goes back to its pool when we return
}

// hello waits for the first frame, which says who is there.
func (s *stream) hello(ctx context.Context) error {
	_ = s.conn.SetReadDeadline(time.Now().Add(helloWithin))
	var hi heard
	if err := s.conn.ReadJSON(&hi); err != nil || hi.T != "hi" {
		return errClose{closeStranger}
	}
	ch, err := s.h.channel(ctx, hi.Key)
	if err != nil {
		return errClose{closeStranger}
	}
	visitor, ok := s.h.Builder.Verify(ch, hi.Token)
	if !ok {
		return errClose{closeStranger}
	}
	ip, _ := s.conn.Locals("ip").(string)
	s.who = call{channel: ch, visitor: visitor, ip: ip, at: hi.whereabouts}
	return s.found(ctx)
}

// found files the stream under the visitor's identity as soon as there is one.
func (s *stream) found(ctx context.Context) error {
	id, known, err := s.h.identity(ctx, s.who.channel, s.who.visitor)
	if err != nil || !known {
		return err
	}
	if s.l.identity == 0 {
		s.leave = s.h.Signals.Enter(id.ID)
	}
	s.h.hub.join(s.l, id)
	return nil
}

// read takes in the widget's frames until the socket ends.
func (s *stream) read(ctx context.Context) error {
	alive := func() { _ = s.conn.SetReadDeadline(time.Now().Add(2*web.PingEvery + web.WriteLimit)) }
	s.conn.SetPongHandler(func(string) error { alive(); return nil })
	budget := &web.Limiter{Most: web.MaxPerSec, Per: time.Second}
	for {
		alive()
		_, raw, err := s.conn.ReadMessage()
		if err != nil {
			return err
		}
		if budget.Allow("", 1) != nil {
			return errClose{websocket.ClosePolicyViolation}
		}
		var frame heard
		if json.Unmarshal(raw, &frame) != nil {
			return errClose{websocket.CloseInvalidFramePayloadData}
		}
		s.take(ctx, frame)
	}
}

func (s *stream) take(ctx context.Context, f heard) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	switch f.T {
	case "say":
		if _, err := s.h.say(ctx, s.who, f.ID, f.Text, f.Files); err != nil {
			s.put(refusal(f.ID, err))
			return
		}
		s.put(said{T: "ack", ID: f.ID})
		s.l.nudge() // a first message made the identity: look now, later the hub wakes us
	case "typing":
		if customer := s.h.hub.customerOf(s.l); customer != 0 {
			s.h.Signals.Send(web.Signal{Kind: "typing", CustomerID: customer})
		}
	case "read":
		if err := s.h.read(ctx, s.who, f.S); err != nil {
			slog.WarnContext(ctx, "read mark not stored", "err", err)
		}
	}
}

// refusal says why a message was not taken, and when to try again if that can help.
func refusal(id string, err error) said {
	var e *models.Error
	if errors.As(err, &e) && e.Code != models.Internal {
		return said{T: "no", ID: id, Message: e.Message, Again: int(e.After.Seconds())}
	}
	slog.Error("chat message not stored", "err", err)
	return said{T: "no", ID: id, Message: "This could not be sent. It is kept, and tried again by itself.", Again: 5}
}
