// The button and the place of the panel, in a closed shadow root: the shop's styles and scripts
// stay out, ours stay in. The sheet is constructed, which style-src 'self' permits.
const css = `:host{all:initial;position:fixed;bottom:20px;right:20px;z-index:var(--z,2147483000)}
:host([data-side=left]){right:auto;left:20px}
button{all:unset;box-sizing:border-box;position:relative;display:grid;place-items:center;width:56px;height:56px;border-radius:50%;background:var(--c);color:var(--on);cursor:pointer;box-shadow:0 4px 14px #0004}
button:focus-visible{outline:3px solid var(--c);outline-offset:3px}
button:hover{filter:brightness(1.1)}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;box-sizing:border-box;padding:0 6px;border-radius:11px;background:#c2261d;color:#fff;font:600 13px/22px system-ui,sans-serif;text-align:center}
[hidden]{display:none!important}
div{position:absolute;bottom:72px;right:0;width:min(380px,calc(100vw - 40px));height:min(620px,calc(100vh - 112px));border-radius:16px;overflow:hidden;box-shadow:0 8px 40px #0005;background:Canvas}
:host([data-side=left]) div{right:auto;left:0}
iframe{border:0;width:100%;height:100%;display:block}
@media(max-width:480px){div{position:fixed;inset:0!important;width:100%;height:100%;border-radius:0}button[aria-expanded=true]{display:none}}
@media print{:host{display:none}}`

const svg = 'http://www.w3.org/2000/svg'
const chat = 'M21 11.5a8.4 8.4 0 0 1-12.3 7.4L3 21l2.1-5.7A8.5 8.5 0 1 1 21 11.5z'
const cross = 'M18 6 6 18M6 6l12 12'

export interface Launcher {
  panel: HTMLElement
  color(hex: string): void
  look(open: boolean, unread: number, label: string): void
  visible(yes: boolean): void
  side(left: boolean): void
  layer(z: number): void
  focus(): void
}

export function launcher(click: () => void, nonce: string): Launcher {
  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'closed' })
  try {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    root.adoptedStyleSheets = [sheet]
  } catch {
    const style = document.createElement('style')
    style.nonce = nonce
    style.textContent = css
    root.append(style)
  }
  const panel = document.createElement('div')
  const button = document.createElement('button')
  const count = document.createElement('b')
  const icon = document.createElementNS(svg, 'svg')
  const path = document.createElementNS(svg, 'path')
  icon.setAttribute('viewBox', '0 0 24 24')
  icon.setAttribute('aria-hidden', 'true')
  icon.append(path)
  button.type = 'button'
  button.append(icon, count)
  button.onclick = click
  panel.hidden = button.hidden = count.hidden = true
  root.append(panel, button)
  document.body.append(host)
  return {
    panel,
    color(hex) {
      const n = parseInt(hex.slice(1), 16)
      // Relative luminance roughly (sRGB weights): black on light colours, white on dark ones.
      const light = (n >> 16) * 0.299 + (n >> 8 & 255) * 0.587 + (n & 255) * 0.114 > 150
      host.style.setProperty('--c', hex)
      host.style.setProperty('--on', light ? '#000' : '#fff')
    },
    look(open, unread, label) {
      panel.hidden = !open
      path.setAttribute('d', open ? cross : chat)
      count.hidden = open || !unread
      count.textContent = unread > 9 ? '9+' : '' + unread
      button.setAttribute('aria-expanded', '' + open)
      button.setAttribute('aria-label', label)
    },
    visible(yes) { button.hidden = !yes },
    side(left) { host.dataset.side = left ? 'left' : 'right' },
    layer(z) { host.style.setProperty('--z', '' + z) },
    focus() { button.focus() },
  }
}
