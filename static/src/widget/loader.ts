// What stands on every page of the shop: a button, the visitor's token, page views. The chat
// itself is a frame on our own origin, made when it is first needed.
import { forget, keep, now, recall } from './kept'
import { launcher, type Launcher } from './launcher'
import { deliver, drop, flush, pages, track } from './track'
import type { Boot, ToFrame, ToLoader } from './wire'

type Call = [command: string, ...rest: any[]]
interface Api { (...call: Call): void; q?: ArrayLike<any>[]; on?: boolean }

const script = document.currentScript as HTMLScriptElement | null
const global = window as unknown as { onethread?: Api }

function start(src: string, key: string): void {
  const base = new URL(src).origin
  const heard: Record<string, Function[]> = {}
  const look = { color: '', theme: '', locale: '', position: '', zIndex: 0, nonce: '', launcher: true as unknown }
  let boot: Boot | undefined
  let ui: Launcher | undefined
  let frame: HTMLIFrameElement | undefined
  let ready = false // the frame has said hello
  let opened = false
  let unread = 0
  let text = ''
  let identity: unknown
  let round = 0
  let told = false
  recall(key)

  const tell = (name: string, data?: unknown) => heard[name]?.forEach(fn => { try { fn(data) } catch (e) { console.error(e) } })
  const post = (m: ToFrame) => ready && frame?.contentWindow?.postMessage(m, base)

  async function begin(tries = 0): Promise<void> {
    const mine = ++round
    let answer: Response | undefined
    try {
      answer = await fetch(base + '/c/chat/boot', { method: 'POST', credentials: 'omit',
        body: JSON.stringify({ key, token: now().token, identity, lang: look.locale || document.documentElement.lang || navigator.language }) })
    } catch { /* not reachable: again below */ }
    if (mine !== round) return // a newer call is on its way
    if (!answer || answer.status > 499 || answer.status === 429) {
      setTimeout(() => mine === round && begin(tries + 1), Math.min(60000, 2000 * 2 ** tries))
      return
    }
    const body = await answer.json()
    if (!answer.ok) return console.warn('onethread: ' + body.detail)
    if (body.problem) console.warn('onethread: ' + body.problem)
    boot = body as Boot
    keep({ token: boot.token })
    unread = boot.unread
    ui ||= launcher(() => run('toggle'), look.nonce)
    paint()
    if (boot.live || opened) embed()
    if (ready) init()
    if (!told) { told = true; tell('ready') }
    deliver(events => {
      if (boot!.consent && !now().consent) return false
      return navigator.sendBeacon(base + '/c/chat/track', JSON.stringify({ key, token: now().token, consent: !!now().consent, events }))
    })
  }

  function paint(): void {
    if (!ui || !boot) return
    ui.color(/^#[0-9a-f]{6}$/i.test(look.color) ? look.color : boot.color)
    ui.side(look.position === 'left')
    if (look.zIndex) ui.layer(+look.zIndex)
    ui.visible(look.launcher === true)
    const words = boot.words
    ui.look(opened, unread, opened ? words.close : unread ? words.open_unread.replace('{0}', '' + unread) : words.open)
  }

  function embed(): void {
    if (frame || !ui || !boot) return
    frame = document.createElement('iframe')
    frame.title = boot.title
    frame.allow = 'clipboard-write'
    frame.src = base + '/c/chat/frame?channel=' + encodeURIComponent(key)
    ui.panel.append(frame)
  }

  function init(): void {
    post({ ot: 'init', key, boot: { ...boot!, color: /^#[0-9a-f]{6}$/i.test(look.color) ? look.color : boot!.color },
      outbox: now().outbox || [], asked: !!now().asked, open: opened, theme: look.theme, text })
    text = ''
  }

  function show(yes: boolean): void {
    if (opened === yes) return
    opened = yes
    embed()
    paint()
    if (yes) post({ ot: 'open', text })
    else { post({ ot: 'close' }); ui?.focus() }
    if (yes && ready) text = ''
    tell(yes ? 'open' : 'close')
  }

  addEventListener('message', e => {
    if (!frame || e.source !== frame.contentWindow || e.origin !== base) return
    const m = e.data as ToLoader
    if (m.ot === 'hello') { ready = true; init() }
    if (m.ot === 'close') show(false)
    if (m.ot === 'outbox') keep({ outbox: m.list })
    if (m.ot === 'asked') keep({ asked: true })
    if (m.ot === 'again') begin()
    if (m.ot === 'message') tell('message', m.message)
    if (m.ot === 'unread' && m.n !== unread) { unread = m.n; paint(); tell('unread', unread) }
  })

  const commands: Record<string, (a?: any, b?: any) => void> = {
    open(o) { text = o?.text ? '' + o.text : ''; if (opened) { post({ ot: 'open', text }); if (ready) text = '' } else show(true) },
    close: () => show(false),
    toggle: () => show(!opened),
    show() { look.launcher = true; paint() },
    hide() { show(false); look.launcher = false; paint() },
    identify(who) { identity = who; if (boot || round) begin() },
    track,
    consent(yes) { keep({ consent: !!yes }); yes ? flush() : drop() },
    set(o) { for (const k of Object.keys(look)) if (o && Object.hasOwn(o, k)) (look as any)[k] = o[k]; paint() },
    on(name, fn) {
      if (typeof fn !== 'function') return
      (heard[name] ||= []).push(fn)
      if (name === 'ready' && told) fn()
    },
    forget() {
      show(false)
      forget(); drop()
      frame?.remove(); frame = undefined; ready = false
      identity = undefined; unread = 0
      begin()
    },
  }
  const run = (name: string, ...rest: any[]) => { if (Object.hasOwn(commands, name)) commands[name](...rest) }

  const early = global.onethread?.q || []
  const api: Api = (...call) => run(...call)
  api.on = true
  global.onethread = api
  for (const call of Array.from(early)) run(...(Array.from(call) as Call))
  pages()
  begin()
}

if (script?.dataset.channel && !global.onethread?.on) {
  const go = () => start(script.src, script.dataset.channel!)
  document.body ? go() : addEventListener('DOMContentLoaded', go)
}
