// Short names for what every module does with the document.
export const $ = <T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document) =>
  within.querySelector<T>(selector);
export const $$ = <T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document) =>
  [...within.querySelectorAll<T>(selector)];

/** A catalogue text that scripts need; the server put them on one hidden element. */
export const word = (key: string, ...args: unknown[]) =>
  args.reduce<string>((s, a, i) => s.replace(`{${i}}`, String(a)), $("#words")?.dataset[key] ?? "");

/** The customer whose thread is open, or "". */
export const openCustomer = () => $("main.thread")?.dataset.customer ?? "";

/** The one of the customer's conversations that was chosen among several, or "". */
export const openMatter = () => $("main.thread")?.dataset.conversation ?? "";

/** Listens on the whole document for events on elements that match, also those that come later. */
export function on<K extends keyof DocumentEventMap>(type: K, selector: string, fn: (el: HTMLElement, e: DocumentEventMap[K]) => void) {
  document.addEventListener(type, (e) => {
    const el = e.target instanceof Element ? e.target.closest<HTMLElement>(selector) : null;
    if (el) fn(el, e);
  });
}

export function fragment(html: string): DocumentFragment {
  const t = document.createElement("template");
  t.innerHTML = html;
  return t.content;
}

/** True while the person types somewhere, when single letters are text. */
export const typing = (e: Event) => e.target instanceof HTMLElement && (e.target.matches("input:not([type=radio],[type=checkbox]),textarea,select") || e.target.isContentEditable);
