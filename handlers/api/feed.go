package api

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

// Events is GET /api/v1/events?after=SEQ: the change feed, every kind, ascending by seq.
func (h *Handlers) Events(c *fiber.Ctx) error {
	n, err := limit(c)
	if err != nil {
		return err
	}
	after, err := queryID(c, "after")
	if err != nil {
		return err
	}
	views, err := h.feed(c.UserContext(), after, n+1)
	if err != nil {
		return err
	}
	p := page{Data: views}
	if len(views) > n {
		next := views[n-1].ID
		p.Data, p.NextCursor = views[:n], &next
	}
	return c.JSON(p)
}

// Raw is GET /api/v1/events/{id}/raw: the mail or call that an event was made from, as it came.
func (h *Handlers) Raw(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	return web.SendOriginal(c, h.Store, event)
}

// feed reads events after seq with everything needed to show them.
func (h *Handlers) feed(ctx context.Context, after models.ID, n int) ([]eventView, error) {
	q := h.Store.Read(ctx)
	rows, err := store.FeedFull(q, after, n)
	if err != nil {
		return nil, err
	}
	views := make([]eventView, len(rows))
	for i, r := range rows {
		views[i] = h.event(r)
	}
	return views, nil
}

const (
	feedBatch = 100
	pingEvery = 25 * time.Second
	writeWait = 10 * time.Second
)

// Live is GET /api/v1/live?after=SEQ: the same feed over a WebSocket, one JSON event a frame. Without
// after it begins with what comes next. A client that was away gives the last seq it has seen.
func (h *Handlers) Live(c *fiber.Ctx) error {
	if !websocket.IsWebSocketUpgrade(c) {
		return fiber.ErrUpgradeRequired
	}
	after, err := queryID(c, "after")
	if err != nil {
		return err
	}
	if c.Query("after") == "" {
		if after, err = store.LastEventID(h.read(c)); err != nil {
			return err
		}
	}
	raw := strings.TrimSpace(strings.TrimPrefix(c.Get(fiber.HeaderAuthorization), "Bearer "))
	// The token stands in a header that pages of other sites cannot set: Origin is no check here.
	return websocket.New(func(conn *websocket.Conn) { h.stream(conn, raw, after) })(c)
}

// stream writes events as they come, until the client leaves or the server stops.
func (h *Handlers) stream(conn *websocket.Conn, token string, after models.ID) {
	ctx, cancel := context.WithCancel(h.Streams)
	defer cancel()
	conn.SetReadLimit(1 << 10)
	done := make(chan struct{})
	go func() { // clients say nothing; reading notices that they left
		defer close(done)
		defer cancel()
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	h.follow(ctx, conn, token, after)
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseServiceRestart, ""), time.Now().Add(time.Second))
	_ = conn.Close()
	<-done
}

func (h *Handlers) follow(ctx context.Context, conn *websocket.Conn, token string, after models.ID) {
	standing := time.NewTicker(time.Second)
	defer standing.Stop()
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for ctx.Err() == nil {
		bell := h.Store.Bell.Wait()
		events, err := h.feed(ctx, after, feedBatch)
		if err != nil {
			return
		}
		for _, e := range events {
			_ = conn.SetWriteDeadline(time.Now().Add(writeWait))
			if conn.WriteJSON(e) != nil {
				return
			}
			after = models.ID(e.Seq)
		}
		if len(events) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-bell:
		case <-standing.C: // a revoked token's stream ends with it
			if _, err := h.Auth.Token(ctx, token); models.IsCode(err, models.Unsigned) {
				return
			}
		case <-ping.C:
			if conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)) != nil {
				return
			}
		}
	}
}
