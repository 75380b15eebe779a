package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/fasthttp/websocket"
)

// heardFrame is what the chat's socket says to a visitor.
type heardFrame struct{ T, ID, Message string }

// socket opens a visitor's chat as the widget does and waits until it is on.
func (d *doors) socket(v visitor) (*websocket.Conn, error) {
	head := http.Header{"Origin": {d.url}, "X-Forwarded-For": {v.ip}}
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(d.url, "http", "ws", 1)+"/c/chat/live", head)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	var f heardFrame
	if err = conn.WriteJSON(map[string]string{"t": "hi", "key": d.chat.Key, "token": v.token}); err == nil {
		err = conn.ReadJSON(&f)
	}
	if err == nil && f.T != "on" {
		err = fmt.Errorf("the chat's socket began with %+v", f)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// socketChatter writes as one visitor after the other, fifteen messages each, over the widget's socket.
func (d *doors) socketChatter(ctx context.Context, first int, name string, unsure func(call)) {
	for n := 0; ctx.Err() == nil; n++ {
		v, ok := d.boot(first + n)
		if !ok {
			continue
		}
		conn, err := d.socket(v)
		for i := 0; err == nil && i < 15; i++ {
			c := d.says(v, fmt.Sprintf("%s-%d-%d", name, n, i))
			if err = d.sayOn(conn, c.key); err != nil {
				unsure(c) // the widget keeps it and says it again, by the same id
			}
		}
		if conn != nil {
			conn.Close()
		}
	}
}

// sayOn says a message and waits until it is acknowledged.
func (d *doors) sayOn(conn *websocket.Conn, key string) error {
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if err := conn.WriteJSON(map[string]string{"t": "say", "id": key, "text": key}); err != nil {
		return err
	}
	for {
		var f heardFrame
		if err := conn.ReadJSON(&f); err != nil {
			return err
		}
		switch {
		case f.T == "ack" && f.ID == key:
			return d.book.ack(key)
		case f.T == "no":
			d.t.Errorf("%s: %s", key, f.Message)
			return fmt.Errorf("refused: %s", f.Message)
		}
	}
}
