import { uid, type FileRef, type Waiting } from './kept'
import { make } from './log'

type Words = Record<string, string>
const most = 10 * 1024 * 1024

export interface Composer { prefill(text: string): void; focus(): void; attachable(yes: boolean): void }

interface Parts {
  form: HTMLFormElement; box: HTMLTextAreaElement; pick: HTMLInputElement; clip: HTMLButtonElement
  chips: HTMLElement; note: HTMLElement
}

export function composer(p: Parts, strings: Words, upload: (file: File) => Promise<FileRef>, typing: () => void, send: (w: Waiting) => void): Composer {
  let files: FileRef[] = []
  let busy = 0
  let allowed = false
  let told = 0

  const say = (text: string) => { p.note.textContent = text; p.note.hidden = !text }
  const grow = () => { p.box.style.height = 'auto'; p.box.style.height = Math.min(140, p.box.scrollHeight + 2) + 'px' }

  async function attach(list: Iterable<File>): Promise<void> {
    for (const f of list) {
      if (!allowed) return say(strings.write_first)
      if (f.size > most) { say(strings.too_big.replace('{0}', f.name)); continue }
      const chip = make('li', 'chip', f.name)
      chip.setAttribute('aria-busy', 'true')
      p.chips.append(chip)
      busy++
      try {
        const ref = await upload(f)
        files.push(ref)
        chip.removeAttribute('aria-busy')
        const off = make('button', '', '×')
        off.type = 'button'
        off.ariaLabel = strings.remove.replace('{0}', f.name)
        off.onclick = () => { files = files.filter(x => x !== ref); chip.remove() }
        chip.append(off)
      } catch (e) {
        chip.remove()
        say((e as Error).message || strings.upload_failed)
      }
      busy--
    }
  }

  p.form.onsubmit = e => {
    e.preventDefault()
    const text = p.box.value.trim()
    if (busy) return say(strings.uploading)
    if (!text && !files.length) return p.box.focus()
    send({ id: uid(), text, files, at: new Date().toISOString() })
    files = []
    p.chips.replaceChildren()
    p.box.value = ''
    say('')
    grow()
    p.box.focus()
  }
  p.box.onkeydown = e => {
    if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); p.form.requestSubmit() }
  }
  p.box.oninput = () => {
    grow()
    if (p.box.value && Date.now() - told > 2500) { told = Date.now(); typing() }
  }
  p.box.onpaste = e => {
    const images = Array.from(e.clipboardData?.files || [])
    if (images.length) { e.preventDefault(); attach(images) }
  }
  p.clip.onclick = () => p.pick.click()
  p.pick.onchange = () => { attach(Array.from(p.pick.files || [])); p.pick.value = '' }

  return {
    prefill(text) { if (text) { p.box.value = text; grow() } },
    focus() { p.box.focus() },
    attachable(yes) { allowed = yes; p.clip.hidden = !yes },
  }
}
