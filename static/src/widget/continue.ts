// The page of a link to go on elsewhere: the chat's own frame, whole. This tab keeps the browser's token, so
// that a reload needs no new code.
import type { Boot, ToFrame, ToLoader } from './wire'
import type { Waiting } from './kept'

const { channel, token } = document.body.dataset
const name = 'onethread:continue:' + location.pathname.split('/')[3]?.slice(0, 40)

function recall(): { token?: string; outbox?: Waiting[] } {
  try { return JSON.parse(sessionStorage.getItem(name) || '{}') || {} } catch { return {} }
}
let kept = token ? { token } as ReturnType<typeof recall> : recall()
function keep(): void {
  try { sessionStorage.setItem(name, JSON.stringify(kept)) } catch { /* storage off: until the page is left */ }
}

async function boot(): Promise<Boot | undefined> {
  const answer = await fetch('/c/chat/boot', { method: 'POST', credentials: 'omit', body: JSON.stringify({ key: channel, token: kept.token, lang: navigator.language }) })
  return answer.ok ? answer.json() : undefined
}

async function begin(): Promise<void> {
  let b = await boot()
  if (!b) return
  kept.token = b.token
  keep()
  const frame = document.createElement('iframe')
  frame.title = b.title
  frame.className = 'chat'
  frame.src = '/c/chat/frame?channel=' + encodeURIComponent(channel!)
  const post = (m: ToFrame) => frame.contentWindow?.postMessage(m, location.origin)
  const init = () => post({ ot: 'init', key: channel!, boot: b!, outbox: kept.outbox || [], asked: true, open: true, theme: '', text: '', alone: true })
  addEventListener('message', async e => {
    if (e.source !== frame.contentWindow || e.origin !== location.origin) return
    const m = e.data as ToLoader
    if (m.ot === 'hello') init()
    if (m.ot === 'outbox') { kept.outbox = m.list; keep() }
    if (m.ot === 'again') { b = await boot() || b; init() }
  })
  document.getElementById('main')!.replaceChildren(frame)
  document.body.className = 'chatting'
}

if (channel && kept.token) {
  if (token) {
    keep()
    history.replaceState(null, '', location.pathname.replace(/\/open$/, ''))
  }
  begin()
}
