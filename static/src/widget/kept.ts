// What the loader remembers in the shop's own first-party storage. The frame may hold none: a
// browser partitions a third party's storage, or throws (private windows).
export interface FileRef { token: string; name: string; type: string; size: number }
export interface Waiting { id: string; text: string; files: FileRef[]; at: string }
export interface Kept { token?: string; outbox?: Waiting[]; consent?: boolean; asked?: boolean }

let kept: Kept = {}
let name = ''

export function recall(channel: string): Kept {
  name = 'onethread:' + channel
  try { kept = JSON.parse(localStorage.getItem(name) || '{}') || {} } catch { kept = {} }
  return kept
}

export function keep(change: Kept): void {
  kept = { ...kept, ...change }
  try { localStorage.setItem(name, JSON.stringify(kept)) } catch { /* storage off: this page only */ }
}

export function forget(): void {
  kept = kept.consent === undefined ? {} : { consent: kept.consent }
  try { localStorage.removeItem(name) } catch { /* nothing was kept */ }
  keep({})
}

export const now = (): Kept => kept

// crypto.randomUUID exists on https only; shops are tried out over plain http, too.
export const uid = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), b => b.toString(16).padStart(2, '0')).join('')
