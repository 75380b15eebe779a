import type { Message } from './wire'

// What the server says on the socket.
export type Said =
  | { t: 'on' } | { t: 'messages'; after: number; list: Message[] } | { t: 'ack'; id: string }
  | { t: 'no'; id: string; message: string; again?: number } | { t: 'typing'; name: string }

export interface Line { open(): boolean; start(): void; say(frame: object): boolean; stop(): void }

const stranger = 4401 // the server no longer knows this token

// line keeps one socket open from start on: after a loss it waits 0.3 s × 2^n up to 30 s, with
// jitter so that a restarted server is not met by everybody at once, and catches up from the last
// number it has seen. The token travels in the first frame, never in the address.
export function line(hello: object, hear: (said: Said) => void, state: (up: boolean) => void, lost: () => void): Line {
  let socket: WebSocket | undefined
  let after = 0
  let tries = 0
  let timer = 0
  let up = false
  let on = false

  function dial(): void {
    clearTimeout(timer)
    socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/c/chat/live?after=' + after)
    const mine = socket
    mine.onopen = () => mine.send(JSON.stringify(hello))
    mine.onmessage = e => {
      const said = JSON.parse(e.data) as Said
      if (said.t === 'on') { up = true; tries = 0; state(true) }
      if (said.t === 'messages') after = said.after
      hear(said)
    }
    mine.onclose = e => {
      if (mine !== socket) return
      up = false
      if (e.code === stranger) { on = false; lost(); return }
      if (!on) return
      timer = setTimeout(dial, Math.min(30000, 300 * 2 ** tries++) * (0.7 + Math.random() * 0.6))
      if (tries > 1) state(false)
    }
  }
  const hurry = () => { if (on && !up) { tries = 0; if (socket?.readyState !== WebSocket.CONNECTING) dial() } }
  addEventListener('online', hurry)
  // A page that was left is kept for the way back, its socket open: the visitor would seem to be there.
  addEventListener('pagehide', () => socket?.close())
  addEventListener('pageshow', hurry)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) hurry() })

  return {
    open: () => up,
    start() { if (!on) { on = true; dial() } },
    stop() { on = up = false; clearTimeout(timer); socket?.close() },
    say(frame) {
      if (!up || socket?.readyState !== WebSocket.OPEN) return false
      socket.send(JSON.stringify(frame))
      return true
    },
  }
}
