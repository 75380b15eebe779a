import { make } from './log'

// earlier offers, once an address was left, to show what its owner said on other devices: they get a code
// there and enter it here. What it says is the same whoever's address it is.
export function earlier(form: HTMLFormElement, words: Record<string, string>, ask: (path: string, more: object) => Promise<any>,
  done: () => void, proved: () => void): void {
  const wrong = make('p', 'wrong')
  wrong.role = 'alert'
  const skip = make('button', 'skip', words.skip)
  skip.type = 'button'
  const end = () => { delete form.dataset.step; form.replaceChildren(); done() }
  skip.onclick = end
  const tried = async (step: () => Promise<void>) => {
    wrong.textContent = ''
    try { await step() } catch (e) { wrong.textContent = (e as Error).message }
  }

  form.dataset.step = 'offer'
  const show = make('button', 'skip', words.earlier)
  form.replaceChildren(show, make('br'), skip, wrong)
  show.focus()
  form.onsubmit = e => {
    e.preventDefault()
    tried(async () => { await ask('code', {}); enter() })
  }

  function enter(): void {
    const label = make('label', '', words.earlier_sent)
    const field = make('input')
    const row = make('div', 'row')
    label.htmlFor = field.id = 'code'
    field.inputMode = 'numeric'
    field.autocomplete = 'one-time-code'
    field.maxLength = 20
    field.placeholder = words.code
    row.append(field, make('button', 'save', words.confirm))
    form.replaceChildren(label, row, skip, wrong)
    field.focus()
    form.onsubmit = e => {
      e.preventDefault()
      if (!field.value.trim()) return field.focus()
      tried(async () => {
        const { shown } = await ask('prove', { code: field.value })
        if (shown) { end(); return proved() }
        form.replaceChildren(make('p', '', words.earlier_none), skip)
        skip.textContent = words.close
        skip.focus()
      })
    }
  }
}
