// What any shop's own script would do: a cart in the browser, and a word to the inbox about it.
(() => {
  const read = name => JSON.parse(localStorage.getItem(name) || '[]')
  const keep = (name, list) => localStorage.setItem(name, JSON.stringify(list))
  const total = cart => cart.reduce((n, l) => n + l.quantity * Math.round(l.price * 100), 0) / 100
  const facts = cart => ({ currency: 'EUR', total: total(cart).toFixed(2), url: location.origin + '/cart', lines: cart })

  function paint() {
    const cart = read('cart')
    document.getElementById('count').textContent = cart.reduce((n, l) => n + l.quantity, 0)
    const lines = document.getElementById('lines')
    if (!lines) return
    lines.replaceChildren(...cart.map(l => {
      const li = document.createElement('li')
      const [what, price] = [document.createElement('span'), document.createElement('b')]
      what.textContent = l.quantity + ' × ' + l.title
      price.textContent = '€' + (l.quantity * l.price).toFixed(2)
      li.append(what, price)
      return li
    }))
    document.getElementById('total').textContent = cart.length ? '€' + total(cart).toFixed(2) : 'It is empty.'
    document.getElementById('checkout').hidden = document.getElementById('empty').hidden = !cart.length
  }

  function add({ id, title, price }) {
    const cart = read('cart')
    const line = cart.find(l => l.sku === id)
    line ? line.quantity++ : cart.push({ sku: id, title, price, quantity: 1 })
    keep('cart', cart)
    onethread('track', 'cart_updated', facts(cart))
  }

  function save(button) {
    const { id, title, price } = button.dataset
    const saved = read('saved')
    const yes = !saved.includes(id)
    keep('saved', yes ? [...saved, id] : saved.filter(s => s !== id))
    onethread('track', yes ? 'product_saved' : 'product_unsaved', { id, title, price, currency: 'EUR', url: location.href })
    mark(button)
  }

  function mark(button) {
    const yes = read('saved').includes(button.dataset.id)
    button.setAttribute('aria-pressed', yes)
    button.textContent = yes ? 'Saved' : 'Save for later'
  }

  document.addEventListener('click', e => {
    const button = e.target.closest('button')
    if (!button) return
    if ('cart' in button.dataset) add(button.dataset)
    if ('save' in button.dataset) save(button)
    if (button.dataset.ask) onethread('open', { text: button.dataset.ask })
    if (button.id === 'empty') keep('cart', [])
    if (button.id === 'checkout') {
      onethread('track', 'checkout_started', facts(read('cart')))
      document.getElementById('told').textContent = 'This is as far as the sample shop goes. The inbox knows that you came here.'
    }
    paint()
  })
  document.querySelectorAll('[data-save]').forEach(mark)
  paint()
})()
