package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/fasthttp/websocket"

	"onethread/handlers/web"
)

// openSockets opens live screens of staff, chats of visitors and readers of the API's feed; the code
// with which each ends comes from the channel (-1: the connection was cut without one).
func (tr *traffic) openSockets() <-chan int {
	tr.t.Helper()
	codes := make(chan int, tr.sockets)
	for n := range tr.sockets {
		var conn *websocket.Conn
		var err error
		switch n % 4 {
		case 0:
			conn, err = tr.dial("/live", http.Header{"Cookie": {web.CookieName(tr.url) + "=" + tr.cookie}, "Origin": {tr.url}})
		case 1:
			conn, err = tr.dial("/api/v1/live", http.Header{"Authorization": {"Bearer " + tr.token}})
		default:
			v, ok := tr.boot(n)
			if !ok {
				tr.t.Fatal("the chat does not answer")
			}
			conn, err = tr.socket(v)
		}
		if err != nil {
			tr.t.Fatal(err)
		}
		go func() { codes <- untilClosed(conn) }()
	}
	return codes
}

func (tr *traffic) dial(path string, head http.Header) (*websocket.Conn, error) {
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(tr.url, "http", "ws", 1)+path, head)
	return conn, err
}

// untilClosed reads until a socket ends and tells the code it was closed with.
func untilClosed(conn *websocket.Conn) int {
	defer conn.Close()
	for {
		_, _, err := conn.ReadMessage()
		var closed *websocket.CloseError
		switch {
		case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
			return closed.Code
		case err != nil:
			return -1
		}
	}
}
