package public

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/contrib/websocket"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

// put queues a frame; a reader that lags 32 frames behind is dropped and resumes by its cursor.
func (s *stream) put(f said) {
	select {
	case s.out <- f:
	default:
		s.stop(errClose{websocket.CloseTryAgainLater})
	}
}

// write sends what the visitor may see, from the cursor on, then waits for more.
func (s *stream) write(ctx context.Context) {
	ping := time.NewTicker(web.PingEvery)
	defer ping.Stop()
	err := s.send(said{T: "on"})
	s.l.nudge()
	for err == nil {
		select {
		case <-ctx.Done():
			err = context.Cause(ctx)
		case f := <-s.out:
			err = s.send(f)
		case name := <-s.l.typing:
			err = s.send(said{T: "typing", Name: name})
		case <-s.l.wake:
			err = s.news(ctx)
		case <-ping.C:
			err = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(web.WriteLimit))
		}
	}
	s.close(err)
}

func (s *stream) send(f said) error {
	_ = s.conn.SetWriteDeadline(time.Now().Add(web.WriteLimit))
	return s.conn.WriteJSON(f)
}

// news sends the messages since the cursor. The channel is asked for again: removed or paused
// meanwhile, it says nothing more.
func (s *stream) news(ctx context.Context) error {
	ch, err := s.h.channel(ctx, s.who.channel.Key)
	if models.IsCode(err, models.NotFound) {
		return errClose{closeStranger}
	}
	if err != nil {
		return s.ended(ctx, err)
	}
	if err := s.found(ctx); err != nil || s.l.identity == 0 {
		return s.ended(ctx, err)
	}
	for {
		rows, err := store.VisitorMessages(s.h.Store.Read(ctx), s.l.identity, ch.ID, s.after, history)
		if err != nil || len(rows) == 0 {
			return s.ended(ctx, err)
		}
		list, after, err := s.h.visible(ctx, s.who, rows)
		if err != nil {
			return s.ended(ctx, err)
		}
		if len(list) > 0 {
			if err := s.send(said{T: "messages", After: &after, List: list}); err != nil {
				return err
			}
		}
		if after <= s.after || len(rows) < history {
			s.after = max(s.after, after)
			return nil
		}
		s.after = after
	}
}

// ended tells why a stream stopped in the middle of reading: mostly because it was told to.
func (s *stream) ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// close ends the socket with the code that fits, unless it is gone already.
func (s *stream) close(err error) {
	code := websocket.CloseServiceRestart
	var wanted errClose
	if errors.As(err, &wanted) {
		code = wanted.code
	}
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = s.conn.Close() // wakes the reader
}
