package web

import (
	"log/slog"
	"runtime/debug"

	"github.com/gofiber/contrib/websocket"
)

// recovered ends a socket whose code panicked, without telling the browser what went wrong.
func recovered(conn *websocket.Conn) {
	if p := recover(); p != nil {
		slog.Error("panic in a socket", "panic", p, "stack", string(debug.Stack()))
		_ = conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseInternalServerErr, ""))
	}
}
