import { now, uid } from './kept'

interface Tracked { id: string; name: string; at: string; data?: unknown }

let queue: Tracked[] = []
let timer = 0
let send: (events: Tracked[]) => boolean = () => false

// deliver is told once boot has answered; it says false while nothing may be sent yet.
export function deliver(how: (events: Tracked[]) => boolean): void { send = how; flush() }

export function track(name: unknown, data?: unknown): void {
  if (now().consent === false || typeof name !== 'string') return
  queue.push({ id: uid(), name, at: new Date().toISOString(), data })
  queue = queue.slice(-50)
  timer ||= setTimeout(flush, 800)
}

export function flush(): void {
  clearTimeout(timer)
  timer = 0
  if (queue.length && send(queue)) queue = []
}

export function drop(): void { queue = [] }

export function pages(): void {
  const seen = () => track('page_viewed', { url: location.href, title: document.title })
  seen()
  const nav = (window as unknown as { navigation?: EventTarget }).navigation
  nav?.addEventListener('navigatesuccess', seen) // shops that change pages by script
  addEventListener('pagehide', flush)
}
