// Drafts live on the server, half a second behind the typing, with everything the composer holds; writes are
// serialised, so that an older one never lands after a newer one. The last one leaves with the page, and
// what the server did not get stays in this browser.
import { $, fragment, on, openCustomer, word, openMatter } from "./dom";
import { csrf, post } from "./net";
import { restore } from "./upload";

type Draft = { customer: string; data: URLSearchParams };
let waiting: Draft | null = null;
let timer = 0;
let chain: Promise<unknown> = Promise.resolve();

const form = () => $<HTMLFormElement>("form#composer");
const kind = () => (form()?.classList.contains("noting") ? "note" : "reply");
const slot = (which: string) => (which === "note" ? "clientNote" : "clientReply");
const key = (d: Draft) => `onethread.draft.${d.customer}.${d.data.get("kind")}`;

/** The id of the message that is being written: whatever is saved late under it is known as sent. */
export function clientID(which: string): string {
  const f = form()!;
  return (f.dataset[slot(which)] ||= crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-"));
}

/** The next words are another message; what waits to be saved of the last one is not saved any more. */
export function renew(which: string) {
  const f = form(), d = waiting;
  if (f) f.dataset[slot(which)] = "";
  if (d?.data.get("kind") === which) { clearTimeout(timer); waiting = null; }
  localStorage.removeItem(`onethread.draft.${openCustomer()}.${which}`);
}

function gather(which: string): Draft | null {
  const f = form();
  if (!f || !openCustomer()) return null;
  const data = new URLSearchParams(new FormData(f) as unknown as Record<string, string>);
  for (const name of ["last_id", "way", "conversation_id"]) data.delete(name);
  if (which === "reply") data.set("way", f.dataset.picked ?? "");
  data.set("kind", which);
  data.set("client_id", clientID(which));
  return { customer: openCustomer(), data };
}

/** Saves what the composer holds, as the given kind, in a moment. */
export function saveDraft(which = kind()) {
  const d = gather(which);
  if (!d) return;
  if (waiting && key(waiting) !== key(d)) void flush();
  waiting = d;
  clearTimeout(timer);
  timer = window.setTimeout(flush, 500);
}

/** Saves at once what waits; ends when the server has it. */
export function flush(): Promise<unknown> {
  clearTimeout(timer);
  const d = waiting;
  waiting = null;
  if (d) chain = chain.then(() => keep(d));
  return chain;
}

async function keep(d: Draft) {
  const local = key(d), text = String(d.data);
  localStorage.setItem(local, `${Date.now()} ${text}`);
  const { status } = await post(`/customers/${d.customer}/draft`, d.data);
  const ok = status >= 200 && status < 300;
  if (ok && localStorage.getItem(local)?.endsWith(` ${text}`)) localStorage.removeItem(local);
  const el = $("#saved");
  if (el && !waiting) el.textContent = ok && d.data.get("text") && form()?.dataset[slot(String(d.data.get("kind")))] === d.data.get("client_id") ? word("saved") : "";
}

/** Draws the composer anew, with the draft as the server has it. */
export async function reload(focus = false) {
  const customer = openCustomer();
  await flush();
  const r = await fetch(`/customers/${customer}/composer?conversation=${openMatter()}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  const fresh = r?.ok ? $<HTMLFormElement>("form#composer", fragment(await r.text()) as unknown as ParentNode) : null;
  if (!fresh || customer !== openCustomer()) return;
  form()?.replaceWith(fresh);
  begin();
  if (focus) $("#words-field")?.focus();
}

const begin = () => { restore($("#attached")?.dataset[kind()] ?? ""); };

document.addEventListener("thread:open", async () => {
  begin();
  const customer = openCustomer();
  let late = false;
  for (const which of ["reply", "note"]) {
    const local = `onethread.draft.${customer}.${which}`, [at, text] = localStorage.getItem(local)?.split(/ (.*)/s) ?? [];
    if (!text) continue;
    const data = new URLSearchParams(text);
    data.set("written_at", at!);
    const { status } = await post(`/customers/${customer}/draft`, data);
    if (status) { localStorage.removeItem(local); late = true; }
  }
  if (late && customer === openCustomer()) await reload();
});

// Another window has sent what stands here: its next words are another message.
document.addEventListener("entries:added", () => {
  for (const which of ["reply", "note"]) {
    const id = form()?.dataset[slot(which)], entry = id ? $(`.entry[data-client="${id}"]:not(.sending)`) : null;
    if (!entry || form()?.matches(".busy")) continue;
    renew(which);
    const a = $<HTMLTextAreaElement>("#words-field");
    if (!a?.value || which !== kind()) continue;
    if (a.value.trim() === $(".said", entry)?.textContent) { a.value = ""; restore(""); } else saveDraft();
  }
});

addEventListener("pagehide", () => {
  const d = waiting;
  waiting = null;
  if (!d) return;
  localStorage.setItem(key(d), `${Date.now()} ${d.data}`);
  d.data.set("_csrf", csrf());
  navigator.sendBeacon(`/customers/${d.customer}/draft`, d.data);
});
document.addEventListener("focusout", (e) => { if (e.target instanceof Element && e.target.closest("#composer")) void flush(); });
on("input", "#composer input:not([type=radio],[type=checkbox],[type=file],[type=datetime-local])", () => saveDraft());
document.addEventListener("attached:changed", (e) => { if ((e as CustomEvent).detail) saveDraft(); });
