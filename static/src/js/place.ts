// Puts rows and entries where they belong: rows newest first, entries by (time, id).
// Everything is idempotent, so a frame that comes twice changes nothing.
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, $$, fragment, openCustomer, word } from "./dom";

const belongs: Record<string, (d: DOMStringMap) => boolean> = {
  open: (d) => d.status === "open",
  mine: (d) => d.status === "open" && d.assignee === document.body.dataset.me,
  waiting: (d) => d.status === "open" && d.ours === "true",
  snoozed: (d) => d.status === "snoozed",
  closed: (d) => d.status === "closed",
  spam: (d) => d.status === "spam",
};

/** Live rows are drawn for no list in particular: the link keeps the one that is open. */
function keepView(a: HTMLElement, view: string) {
  if (view === "open") return;
  for (const name of ["href", "hx-get"]) a.setAttribute(name, `${a.getAttribute(name)!.split("?")[0]}?view=${view}`);
}

export function placeRow(html: string) {
  const list = $("#rows");
  const row = $(".row", fragment(html) as unknown as ParentNode);
  if (!list || !row) return;
  const old = document.getElementById(row.id);
  if (old && Number(old.dataset.seq) > Number(row.dataset.seq)) return;
  keepView($("a", row)!, list.dataset.view ?? "open");
  const focused = old?.contains(document.activeElement);
  const here = belongs[list.dataset.view ?? "open"]?.(row.dataset) ?? false;
  if (!here) {
    old?.remove();
  } else {
    if (row.dataset.customer === openCustomer()) $("a", row)?.setAttribute("aria-current", "true");
    old?.remove();
    const after = $$(".row", list).find((r) => Number(r.dataset.at) <= Number(row.dataset.at));
    list.insertBefore(row, after ?? $(".more", list));
    htmx.process(row);
    if (focused) $("a", row)?.focus({ preventScroll: true });
  }
  const empty = $("#list-empty");
  if (empty) empty.hidden = $(".row", list) !== null;
  document.dispatchEvent(new Event("rows:changed"));
}

const before = (a: HTMLElement, b: HTMLElement) =>
  Number(a.dataset.at) - Number(b.dataset.at) || Number(a.dataset.id) - Number(b.dataset.id);

export function placeEntries(html: string) {
  const list = $("#entries");
  if (!list) return;
  const scroll = $("#scroll")!;
  const low = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const parts = fragment(html);
  let added = false;
  for (const li of $$(".entry", parts as unknown as ParentNode)) {
    const chip = li.previousElementSibling?.matches(".day") ? (li.previousElementSibling as HTMLElement) : null;
    added = placeEntry(list, li, chip) || added;
  }
  if (added) document.dispatchEvent(new CustomEvent("entries:added", { detail: { low } }));
}

function placeEntry(list: HTMLElement, li: HTMLElement, chip: HTMLElement | null): boolean {
  const old = document.getElementById(li.id) ?? (li.dataset.client ? $(`[data-client="${CSS.escape(li.dataset.client)}"]`, list) : null);
  if (old) {
    for (const d of $$("details[open]", old)) $(`details.${d.classList[0]}`, li)?.setAttribute("open", "");
    old.replaceWith(li);
    htmx.process(li);
    return false;
  }
  const all = $$(".entry", list);
  const next = all.find((e) => before(li, e) < 0);
  if (next && next === all[0] && $(".earlier", list)) return false; // it stands before the window
  const prev = (next ? all[all.indexOf(next) - 1] : all.at(-1)) ?? null;
  let at: Element | null = next ?? null;
  while (at?.previousElementSibling?.matches(".day,.fresh") && at.previousElementSibling !== prev) at = at.previousElementSibling;
  if (chip && prev?.dataset.day !== li.dataset.day) {
    list.insertBefore(chip, at);
    if (at?.matches(".day") && (at as HTMLElement).dataset.day === li.dataset.day) at.remove();
    at = chip.nextElementSibling;
  }
  li.classList.add("fresh-in");
  list.insertBefore(li, at?.isConnected ? at : (next ?? null));
  htmx.process(li);
  return true;
}

/** Swaps one piece of the open thread, unless the person is using it just now. */
export function replace(selector: string, html: string) {
  const old = $(selector);
  const fresh = $(selector, fragment(html) as unknown as ParentNode);
  if (!old || !fresh || old.matches(":focus-within:has(input:focus,textarea:focus)") || $("details.menu[open]", old)) return;
  if (old.classList.contains("shown")) fresh.classList.add("shown");
  const top = old.scrollTop, left = old.scrollLeft;
  old.replaceWith(fresh);
  fresh.scrollTop = top;
  fresh.scrollLeft = left;
  htmx.process(fresh);
}

/** The bubble of what is being sent, until the server's own takes its place. */
export function placeholder(id: string, text: string, kind: string) {
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
