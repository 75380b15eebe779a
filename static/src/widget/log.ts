import type { FileRef, Waiting } from './kept'
import type { Message } from './wire'

type Words = Record<string, string>

export interface Log {
  add(m: Message): boolean
  wait(w: Waiting): void
  state(id: string, text: string, failed?: boolean): void
  typing(name: string): void
  clear(): void
}

// make builds elements; text is always set as text, never parsed.
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, cls = '', text = ''): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag)
  e.className = cls
  e.textContent = text
  return e
}

const address = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g

function words(into: HTMLElement, text: string): void {
  let from = 0
  for (const m of text.matchAll(address)) {
    into.append(text.slice(from, m.index))
    const a = make('a', '', m[0])
    a.href = m[0]
    a.target = '_blank'
    a.rel = 'noopener noreferrer nofollow'
    into.append(a)
    from = m.index + m[0].length
  }
  into.append(text.slice(from))
}

function file(f: FileRef): HTMLElement {
  const a = make('a', 'file')
  a.href = '/c/chat/attachments/' + encodeURIComponent(f.token)
  a.target = '_blank'
  a.rel = 'noopener'
  if (/^image\/(png|jpeg|gif|webp)$/.test(f.type)) {
    const img = make('img')
    img.src = a.href
    img.alt = f.name
    img.loading = 'lazy'
    a.append(img)
  } else a.textContent = '📎 ' + f.name
  return a
}

export function log(list: HTMLElement, strings: Words, lang: string, retry: (id: string) => void): Log {
  const clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit' })
  const day = new Intl.DateTimeFormat(lang, { weekday: 'long', day: 'numeric', month: 'long' })
  const seen = new Set<number>()
  const waiting = new Map<string, HTMLElement>()
  const box = list.parentElement!
  const writing = make('p', 'typing')
  writing.hidden = true
  box.append(writing)
  let timer = 0

  function bubble(me: boolean, text: string, files: FileRef[] | undefined, at: string, s: number): HTMLElement {
    const li = make('li', me ? 'me' : 'them')
    li.dataset.s = '' + s
    li.dataset.day = day.format(new Date(at))
    if (text) {
      const p = make('p', 'words')
      words(p, text)
      li.append(p)
    }
    files?.forEach(f => li.append(file(f)))
    li.append(make('small', 'when'))
    return li
  }
  function place(li: HTMLElement): void {
    const near = box.scrollHeight - box.scrollTop - box.clientHeight < 80
    let next: Element | null = null
    for (let last = list.lastElementChild as HTMLElement | null; last && +last.dataset.s! > +li.dataset.s!; last = last.previousElementSibling as HTMLElement | null) next = last
    list.insertBefore(li, next)
    const above = li.previousElementSibling as HTMLElement | null
    li.toggleAttribute('data-new-day', !above || above.dataset.day !== li.dataset.day)
    if (near || li.className === 'me') box.scrollTop = box.scrollHeight
  }
  const last = Number.MAX_SAFE_INTEGER

  return {
    add(m) {
      if (seen.has(m.s)) return false
      seen.add(m.s)
      const old = m.id ? waiting.get(m.id) : undefined
      if (old) { old.remove(); waiting.delete(m.id!) }
      const li = bubble(m.me, m.text, m.files, m.at, m.s)
      const time = clock.format(new Date(m.at))
      li.lastElementChild!.textContent = m.me ? strings.sent.replace('{0}', time) : [m.name, time].filter(Boolean).join(' · ')
      place(li)
      if (!m.me) this.typing('')
      return true
    },
    wait(w) {
      if (waiting.has(w.id)) return
      const li = bubble(true, w.text, w.files, w.at, last)
      li.classList.add('waiting')
      li.lastElementChild!.textContent = strings.sending
      waiting.set(w.id, li)
      place(li)
    },
    state(id, text, failed = false) {
      const small = waiting.get(id)?.lastElementChild
      if (!small) return
      small.textContent = text
      if (!failed) return
      const again = make('button', 'again', strings.retry)
      again.type = 'button'
      again.onclick = () => retry(id)
      small.append(' ', again)
    },
    typing(name) {
      clearTimeout(timer)
      writing.hidden = !name
      writing.textContent = name ? strings.typing.replace('{0}', name) : ''
      if (name) timer = setTimeout(() => this.typing(''), 6000)
    },
    clear() { list.replaceChildren(); writing.remove(); seen.clear(); waiting.clear() },
  }
}
