// The composer: one text per mode, a draft on the server, and a bubble that stands at once.
import { $, $$, fragment, on, openCustomer, word } from "./dom";
import { act, message, post } from "./net";
import { placeEntries, placeholder } from "./place";
import { clientID, flush, reload, renew, saveDraft } from "./drafts";
import { say } from "./live";
import { toast } from "./toast";
import { attached, clearAttached, swap } from "./upload";

const form = () => $<HTMLFormElement>("form#composer");
const area = () => $<HTMLTextAreaElement>("#words-field");
const way = () => $<HTMLInputElement>(".way input:checked", form() ?? document);

export const mode = () => (way()?.value === "note" ? "note" : "reply");

/** New ways to answer: the chosen one stays while it can, unless nobody chose it and nothing was written yet. */
export function replaceWays(html: string) {
  const old = $("#ways"), fresh = $("#ways", fragment(html) as unknown as ParentNode);
  if (!old || !fresh) return;
  const chosen = way()?.value, begun = (area()?.value ?? "") !== "";
  const same = $$<HTMLInputElement>("input", fresh).find((i) => i.value === chosen && !i.disabled);
  if (same && (begun || chosen === "note" || form()?.dataset.picked === chosen)) same.checked = true;
  const focused = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (focused) way()?.focus();
  way()?.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "replaced" }));
}

/** Chooses a way by number (1 is the first) or the note; focuses the text. */
export function choose(which: number | "note" | "reply") {
  const ways = $$<HTMLInputElement>(".way input:not(:disabled)", form() ?? document);
  const to = which === "note" ? ways.find((w) => w.value === "note")
    : which === "reply" ? (mode() === "reply" ? way() : ways.find((w) => w.value !== "note"))
    : ways[which - 1];
  if (to && !to.checked) {
    to.checked = true;
    to.dispatchEvent(new Event("change", { bubbles: true }));
  }
  setTimeout(() => area()?.focus()); // in a later task, or the key itself lands in the box
}

on("change", ".way input", (_, e) => {
  const f = form()!, a = area()!, was = f.classList.contains("noting") ? "note" : "reply";
  const byHand = !(e instanceof CustomEvent);
  if (byHand && mode() === "reply") f.dataset.picked = way()!.value;
  f.classList.toggle("noting", mode() === "note");
  if (was === mode()) return void (byHand && a.value && saveDraft());
  a.dataset[was] = a.value;
  a.value = a.dataset[mode()] ?? "";
  a.placeholder = (mode() === "note" ? a.dataset.hintNote : a.dataset.hintReply) ?? "";
  swap(was, mode());
});

let said = 0;
on("input", "#words-field", () => {
  if (Date.now() - said > 2000) { said = Date.now(); say({ t: "typing", note: mode() === "note" }); }
  saveDraft();
});

on("keydown", "#composer textarea, #composer input", (_, e) => {
  if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) { e.preventDefault(); void send({ close: e.shiftKey }); }
});
on("submit", "#composer", (_, e) => { e.preventDefault(); void send({}); });
on("click", "[data-anyway]", () => void send({ anyway: true }));

/** Sends what is written: now, or at a time in milliseconds. */
export async function send({ close = false, anyway = false, at = 0 }) {
  const f = form(), a = area();
  if (!f || !a || f.matches(".busy") || (!a.value.trim() && attached().length === 0)) return;
  f.classList.add("busy");
  const customer = openCustomer(), kind = mode(), text = a.value, id = clientID(kind);
  const data = new URLSearchParams(new FormData(f) as unknown as Record<string, string>);
  if (close && kind === "reply") data.set("close", "1");
  data.set("client_id", id);
  data.set("last_id", String(Math.max(Number(data.get("last_id")), ...$$("#entries .entry").map((e) => Number(e.dataset.id) || 0))));
  data.set("preset", $<HTMLInputElement>("[data-preset]", f)?.value ?? "");
  if (at && kind === "reply") data.set("send_at", String(at));
  if (anyway) data.set("anyway", "1");
  $("#stale")!.hidden = true;
  placeholder(id, text, kind);
  const { status, text: answer } = await post(`/customers/${customer}/${kind === "note" ? "notes" : "messages"}`, data);
  f.classList.remove("busy");
  if (status >= 200 && status < 300) {
    if (customer === openCustomer()) sent(kind, answer, text);
    if (close && kind === "note") void act(`/conversations/${$("#head")?.dataset.conversation}/close`);
    return;
  }
  $(`.sending[data-client="${id}"]`)?.remove();
  if (status === 409) {
    if (anyway) { renew(kind); saveDraft(); } // then other words were sent under its id, by another window
    return stale(message(answer));
  }
  toast(message(answer) || word("notsent"), { bad: true });
}

function sent(kind: string, html: string, text: string) {
  const a = area()!, f = form()!;
  renew(kind);
  delete f.dataset.picked;
  if (a.value === text) { a.value = ""; a.dataset[kind] = ""; }
  $("#saved")!.textContent = "";
  $<HTMLInputElement>("[name=bcc]", f)!.value = "";
  clearAttached();
  placeEntries(html);
  document.dispatchEvent(new CustomEvent("entries:added", { detail: { low: true } }));
  const undo = $("#entries .entry:last-of-type .undo");
  if (undo) toast(word("sending"), { action: word("undo"), seconds: secondsLeft(undo), do: () => undoLast() });
}

const secondsLeft = (undo: HTMLElement) => Math.max(1, Math.ceil((Number(undo.dataset.until) - Date.now()) / 1000));

/** Calls the last message back while it has not left. */
export async function undoLast() {
  const last = $$("#entries .entry").filter((e) => $(".undo", e)).at(-1);
  if (last) await undo(last.dataset.id!);
}

/** Calls a message back: its words, copies and files stand in the composer again. */
export async function undo(id: string) {
  await flush();
  const html = await act(`/messages/${id}/undo`);
  if (html === null) return;
  placeEntries(html);
  await reload(true);
}

function stale(text: string) {
  const bar = $("#stale")!;
  $("span", bar)!.textContent = text || word("stale", "");
  bar.hidden = false;
}
