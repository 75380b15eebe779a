import type { FileRef, Waiting } from './kept'

// What boot answers: how the chat looks and what it says.
export interface Boot {
  token: string; unread: number; live: boolean
  title: string; color: string; welcome: string; ask: boolean; consent: boolean
  lang: string; dir: string; words: Record<string, string>
}

// One message as the visitor may see it. s is its number in the feed.
export interface Message {
  s: number; id?: string; me: boolean; text: string; name?: string; at: string; read?: boolean; files?: FileRef[]
}

// loader → frame, frame → loader.
export type ToFrame =
  | { ot: 'init'; key: string; boot: Boot; outbox: Waiting[]; asked: boolean; open: boolean; theme: string; text: string; alone?: boolean }
  | { ot: 'open'; text: string } | { ot: 'close' }
export type ToLoader =
  | { ot: 'hello' } | { ot: 'close' } | { ot: 'again' } | { ot: 'unread'; n: number } | { ot: 'outbox'; list: Waiting[] }
  | { ot: 'asked' } | { ot: 'message'; message: { text: string; name: string; at: string } }
