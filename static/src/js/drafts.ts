// Drafts live on the server, half a second behind the typing; writes are serialised, so that
// an older text never lands after a newer one. The last one leaves with the page.
import { $, word } from "./dom";
import { csrf, post } from "./net";

type Draft = { customer: string; kind: string; text: string };
let waiting: Draft | null = null;
let timer = 0;
let chain: Promise<unknown> = Promise.resolve();

export function saveDraft(customer: string, kind: string, text: string) {
  if (waiting && (waiting.customer !== customer || waiting.kind !== kind)) flush();
  waiting = { customer, kind, text };
  clearTimeout(timer);
  timer = window.setTimeout(flush, 500);
}

function flush() {
  clearTimeout(timer);
  const d = waiting;
  waiting = null;
  if (!d || !d.customer) return;
  chain = chain.then(async () => {
    const { status } = await post(`/customers/${d.customer}/draft`, { kind: d.kind, text: d.text });
    const el = $("#saved");
    if (el && !waiting) el.textContent = status >= 200 && status < 300 && d.text ? word("saved") : "";
  });
}

addEventListener("pagehide", () => {
  const d = waiting;
  waiting = null;
  if (!d) return;
  navigator.sendBeacon(`/customers/${d.customer}/draft`, new URLSearchParams({ kind: d.kind, text: d.text, _csrf: csrf() }));
});
document.addEventListener("focusout", (e) => { if ((e.target as HTMLElement).id === "words-field") flush(); });
