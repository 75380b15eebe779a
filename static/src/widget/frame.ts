// The conversation, in a frame on our own origin. It keeps nothing: the loader holds the token
// and the messages that the server has not confirmed, and hands them over at init.
import { composer, type Composer } from './compose'
import type { FileRef, Waiting } from './kept'
import { log, make, type Log } from './log'
import { earlier } from './earlier'
import { line, type Line, type Said } from './socket'
import type { Boot, ToFrame, ToLoader } from './wire'

const $ = <T extends HTMLElement>(id: string) => document.getElementById(id) as T

let shop = '' // the origin of the page around us, known from its first message
let key = ''
let boot: Boot
let words: Record<string, string> = {}
let entries: Log
let wire: Line | undefined
let input: Composer
let outbox: Waiting[] = []
let open = false
let asked = false
let written = false
let newest = 0 // of the shop's messages shown
let told = 0   // the last one reported as read
let missed = new Set<number>()

const tell = (m: ToLoader) => shop && parent.postMessage(m, shop)
const keepOutbox = () => tell({ ot: 'outbox', list: outbox })

addEventListener('message', e => {
  if (e.source !== parent || (shop && e.origin !== shop)) return
  const m = e.data as ToFrame
  if (m.ot === 'init') { shop = e.origin; init(m) }
  if (!shop) return
  if (m.ot === 'open') { open = true; input.prefill(m.text); input.focus(); read() }
  if (m.ot === 'close') open = false
})

function init(m: Extract<ToFrame, { ot: 'init' }>): void {
  wire?.stop()
  key = m.key; boot = m.boot; words = boot.words; asked = m.asked; open = m.open; outbox = m.outbox
  document.documentElement.lang = boot.lang
  document.documentElement.dir = boot.dir
  document.documentElement.style.setProperty('--c', boot.color)
  const n = parseInt(boot.color.slice(1), 16)
  const light = (n >> 16) * 0.299 + (n >> 8 & 255) * 0.587 + (n & 255) * 0.114 > 150
  document.documentElement.style.setProperty('--on', light ? '#000' : '#fff')
  if (m.theme === 'dark' || m.theme === 'light') document.documentElement.style.colorScheme = m.theme
  document.title = $('title').textContent = boot.title
  $('welcome').textContent = boot.welcome
  $('close').ariaLabel = words.close
  $('close').hidden = !!m.alone
  $('log').ariaLabel = words.log
  $('box').ariaLabel = ($('box') as HTMLTextAreaElement).placeholder = words.write
  $('send').ariaLabel = words.send
  $('clip').ariaLabel = words.attach
  entries?.clear()
  entries = log($('list'), words, boot.lang, again)
  missed = new Set()
  newest = told = 0
  written = boot.live
  input = composer({ form: $('form'), box: $('box'), pick: $('pick'), clip: $('clip'), chips: $('chips'), note: $('note') },
    words, upload, () => wire?.say({ t: 'typing' }), send)
  input.attachable(written)
  input.prefill(m.text)
  wire = line({ t: 'hi', key, token: boot.token, lang: navigator.language, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }, hear, state, () => tell({ ot: 'again' }))
  outbox.forEach(w => entries.wait(w))
  if (boot.live || outbox.length) wire.start()
  contact()
  if (open) input.focus()
}

function send(w: Waiting): void {
  outbox.push(w)
  keepOutbox()
  entries.wait(w)
  $('log').scrollTop = $('log').scrollHeight
  wire!.start()
  say(w)
}

const say = (w: Waiting) => wire!.say({ t: 'say', id: w.id, text: w.text, files: w.files.map(f => f.token) })

function again(id: string): void {
  const w = outbox.find(w => w.id === id)
  if (!w) return
  entries.state(id, words.sending)
  wire!.start()
  say(w)
}

function settled(id: string): void {
  outbox = outbox.filter(w => w.id !== id)
  keepOutbox()
  written = true
  input.attachable(true)
  contact()
}

function hear(said: Said): void {
  switch (said.t) {
    case 'on': outbox.forEach(say); break
    case 'ack': settled(said.id); break
    case 'no':
      entries.state(said.id, said.message, true)
      if (said.again) setTimeout(() => again(said.id), said.again * 1000)
      break
    case 'typing': entries.typing(said.name); break
    case 'messages':
      for (const m of said.list) {
        if (!entries.add(m)) continue
        if (m.id && outbox.some(w => w.id === m.id)) settled(m.id)
        if (m.me) { written = true; continue }
        newest = Math.max(newest, m.s)
        if (m.read) continue
        missed.add(m.s)
        tell({ ot: 'message', message: { text: m.text, name: m.name || '', at: m.at } })
      }
      input.attachable(written)
      read()
  }
}

// read reports what the visitor has seen, and what not, to the button.
function read(): void {
  if (open && !document.hidden) {
    missed.clear()
    if (newest > told && wire?.say({ t: 'read', s: newest })) told = newest
  }
  tell({ ot: 'unread', n: missed.size })
}

function state(up: boolean): void {
  $('state').textContent = up ? '' : navigator.onLine ? words.reconnecting : words.offline
  $('state').hidden = up
}

async function call(path: string, body: BodyInit): Promise<any> {
  const answer = await fetch('/c/chat/' + path, { method: 'POST', body, credentials: 'omit' })
  const data = await answer.json().catch(() => ({}))
  if (!answer.ok) throw new Error(data.detail || words.failed)
  return data
}

function upload(file: File): Promise<FileRef> {
  const form = new FormData()
  form.append('key', key)
  form.append('token', boot.token)
  form.append('file', file, file.name || 'image.png')
  return call('upload', form)
}

// contact asks, once and after the first message, where to answer when the visitor is gone; then offers to
// show what they said on other devices, once they have proved that the address is theirs.
function contact(): void {
  const form = $<HTMLFormElement>('contact')
  if (form.dataset.step) return // it is about to prove an address
  form.hidden = !(boot.ask && written && !asked)
  if (form.hidden || form.childElementCount) return
  const label = make('label', '', words.contact)
  const field = make('input')
  const row = make('div', 'row')
  const save = make('button', 'save', words.save)
  const skip = make('button', 'skip', words.skip)
  const wrong = make('p', 'wrong')
  label.htmlFor = field.id = 'address'
  field.autocomplete = 'email'
  field.placeholder = words.contact_example
  wrong.role = 'alert'
  skip.type = 'button'
  row.append(field, save)
  form.append(label, row, skip, wrong)
  const done = () => { asked = true; form.hidden = true; tell({ ot: 'asked' }); input.focus() }
  const ask = (path: string, more: object) => call(path, JSON.stringify({ key, token: boot.token, ...more }))
  skip.onclick = done
  form.onsubmit = async e => {
    e.preventDefault()
    const value = field.value.trim()
    if (!value) return field.focus()
    try {
      await ask('contact', { [value.includes('@') ? 'email' : 'phone']: value })
      asked = true
      tell({ ot: 'asked' })
      earlier(form, words, ask, done, () => tell({ ot: 'again' }))
    } catch (e) { wrong.textContent = (e as Error).message }
  }
}

$('close').onclick = () => tell({ ot: 'close' })
addEventListener('keydown', e => { if (e.key === 'Escape' && !e.isComposing) tell({ ot: 'close' }) })
document.addEventListener('visibilitychange', () => shop && read())
// The one message without an addressee, for we don't know yet who is around us; it says nothing.
parent.postMessage({ ot: 'hello' } satisfies ToLoader, '*')
