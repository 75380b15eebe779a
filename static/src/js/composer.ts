// The composer: one text per mode, a draft on the server, and a bubble that stands at once.
import { $, $$, fragment, on, openCustomer, word } from "./dom";
import { act, message, post } from "./net";
import { placeEntries } from "./place";
import { saveDraft } from "./drafts";
import { say } from "./live";
import { toast } from "./toast";
import { attached, clearAttached } from "./upload";

const form = () => $<HTMLFormElement>("form#composer");
const area = () => $<HTMLTextAreaElement>("#words-field");
const way = () => $<HTMLInputElement>(".way input:checked", form() ?? document);

export const mode = () => (way()?.value === "note" ? "note" : "reply");

let picked = ""; // the way that somebody chose by hand, in which thread: it stays until a message was sent

/** New ways to answer: the chosen one stays while it can, unless nobody chose it and nothing was written yet. */
export function replaceWays(html: string) {
  const old = $("#ways"), fresh = $("#ways", fragment(html) as unknown as ParentNode);
  if (!old || !fresh) return;
  const chosen = way()?.value, begun = (area()?.value ?? "") !== "";
  const same = $$<HTMLInputElement>("input", fresh).find((i) => i.value === chosen && !i.disabled);
  if (same && (begun || chosen === "note" || picked === openCustomer() + " " + chosen)) same.checked = true;
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
  if (!(e instanceof CustomEvent)) picked = openCustomer() + " " + way()?.value;
  const f = form()!, a = area()!;
  const was = f.classList.contains("noting") ? "note" : "reply";
  f.classList.toggle("noting", mode() === "note");
  if (was === mode()) return;
  a.dataset[was] = a.value;
  a.value = a.dataset[mode()] ?? "";
  a.placeholder = (mode() === "note" ? a.dataset.hintNote : a.dataset.hintReply) ?? "";
});

// What will stand below the words, by the way that is chosen.
on("change", ".way input", () => {
  const text = way()?.dataset.sign, box = $<HTMLElement>(".sign");
  if (text === undefined || !box) return;
  box.hidden = text === "";
  $("#sign")!.textContent = text;
  $("#sign-line")!.textContent = text.split("\n")[0];
});

let said = 0;
on("input", "#words-field", (el) => {
  if (Date.now() - said > 2000) { said = Date.now(); say({ t: "typing", note: mode() === "note" }); }
  saveDraft(openCustomer(), mode(), (el as HTMLTextAreaElement).value);
});

on("click", "[data-cc]", (el) => {
  const copies = $<HTMLElement>(".copies")!;
  copies.hidden = false;
  el.remove();
  $<HTMLInputElement>("input", copies)?.focus();
});

on("keydown", "#composer textarea, #composer input", (_, e) => {
  if (e.key === "Enter" && (e.metaKey || e.ctrlKey)) { e.preventDefault(); void send({ close: e.shiftKey }); }
});
on("submit", "#composer", (_, e) => { e.preventDefault(); void send({}); });
on("click", "[data-anyway]", () => void send({ anyway: true }));

let busy = false;
let clientID = "";

/** Sends what is written: now, or at a time in milliseconds. */
export async function send({ close = false, anyway = false, at = 0 }) {
  const f = form(), a = area();
  if (!f || !a || busy || (!a.value.trim() && attached().length === 0)) return;
  busy = true;
  clientID ||= crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
  const customer = openCustomer(), kind = mode(), text = a.value;
  const data = new URLSearchParams(new FormData(f) as unknown as Record<string, string>);
  if (close && kind === "reply") data.set("close", "1");
  data.set("client_id", clientID);
  data.set("last_id", String(Math.max(Number(data.get("last_id")), ...$$("#entries .entry").map((e) => Number(e.dataset.id) || 0))));
  if (at && kind === "reply") data.set("send_at", String(at));
  if (anyway) data.set("anyway", "1");
  $("#stale")!.hidden = true;
  optimistic(clientID, text, kind);
  const { status, text: answer } = await post(`/customers/${customer}/${kind === "note" ? "notes" : "messages"}`, data);
  busy = false;
  if (status >= 200 && status < 300) {
    clientID = picked = "";
    if (customer === openCustomer()) sent(kind, answer, text);
    if (close && kind === "note") void act(`/conversations/${$("#head")?.dataset.conversation}/close`);
    return;
  }
  $(`[data-client="${clientID}"]`)?.remove();
  if (status === 409) return stale(message(answer));
  toast(message(answer) || word("notsent"), { bad: true });
}

function sent(kind: string, html: string, text: string) {
  const a = area()!;
  if (a.value === text) { a.value = ""; a.dataset[kind] = ""; }
  saveDraft(openCustomer(), kind, ""); // a draft still on its way must not outlive the message
  $("#saved")!.textContent = "";
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

/** Calls a message back and puts its words into the box again. */
export async function undo(id: string) {
  const words = $(`#e${id} .said`)?.textContent ?? "";
  const html = await act(`/messages/${id}/undo`);
  if (html === null) return;
  placeEntries(html);
  const a = area();
  if (a && !a.value) { a.value = words; saveDraft(openCustomer(), mode(), words); a.focus(); }
}

function stale(text: string) {
  const bar = $("#stale")!;
  $("span", bar)!.textContent = text || word("stale", "");
  bar.hidden = false;
}

function optimistic(id: string, text: string, kind: string) {
  if ($(`[data-client="${id}"]`)) return;
  const li = document.createElement("li");
  li.className = kind === "note" ? "entry note sending" : "entry message out sending";
  li.dataset.client = id;
  li.dataset.at = String(Date.now());
  const box = document.createElement("article");
  box.className = kind === "note" ? "note-box" : "bubble";
  box.append(Object.assign(document.createElement("header"), { textContent: word("sending") }), Object.assign(document.createElement("p"), { className: "said", textContent: text }));
  li.append(box);
  $("#entries")?.append(li);
  document.dispatchEvent(new CustomEvent("entries:added", { detail: { low: true } }));
}
