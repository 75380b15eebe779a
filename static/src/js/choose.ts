// Choosing entries of a thread: the menu at each of them, and a run of them from here to there. The
// second tap selects up to it, whatever Shift does, so that fingers can do what mice can.
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, $$, on, openCustomer } from "./dom";

const buttons = () => $$(".entry-more", $("#entries") ?? document);
const choosing = () => $("#entries")?.classList.contains("choosing") ?? false;
let menuOf: HTMLElement | null = null;
let from = -1;

const pop = () => $(".entry-pop");

function shutMenu(back = false) {
  const p = pop();
  if (!p || p.hidden) return;
  p.hidden = true;
  p.removeAttribute("style"); // it may not be copied: our policy forbids style attributes
  menuOf?.removeAttribute("aria-expanded");
  if (back) menuOf?.focus();
}

function openMenu(b: HTMLElement) {
  const p = pop();
  if (!p) return;
  menuOf = b;
  b.setAttribute("aria-expanded", "true");
  const redact = $("[data-do=redact]", p);
  if (redact) redact.hidden = !b.dataset.redacts;
  p.hidden = false;
  const at = b.getBoundingClientRect();
  const below = at.bottom + p.offsetHeight + 8 < innerHeight;
  p.style.insetBlockStart = `${below ? at.bottom + 4 : at.top - p.offsetHeight - 4}px`;
  p.style.left = `${Math.max(8, Math.min(at.right - p.offsetWidth, innerWidth - p.offsetWidth - 8))}px`;
  $("button", p)?.focus();
}

on("click", ".entry-more", (b, e) => {
  if (choosing()) return select(b, (e as MouseEvent).shiftKey);
  if (menuOf === b && !pop()?.hidden) return shutMenu();
  openMenu(b);
});
document.addEventListener("click", (e) => {
  if (!(e.target as Element).closest(".entry-more,.entry-pop")) shutMenu();
});
document.addEventListener("scroll", () => shutMenu(), true);

on("click", ".entry-pop [data-do=move]", () => { const ids = menuOf?.dataset.entries ?? ""; shutMenu(); ask(ids); });
on("click", ".entry-pop [data-do=select]", () => { const b = menuOf; shutMenu(); start(); if (b) select(b, false); });
on("click", ".entry-pop [data-do=redact]", () => { const id = menuOf?.dataset.redacts; shutMenu(); if (id) sheet(`/messages/${id}/redact`); });
on("click", "[data-select-entries]", (el) => { el.closest("details")?.removeAttribute("open"); start(); });
on("click", "#choosing [data-do=stop]", () => stop());
on("click", "#choosing [data-do=move]", () => ask(chosen().map((b) => b.dataset.entries).join(",")));
document.addEventListener("choosing:stop", () => stop());
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || $("dialog[open]")) return;
  if (pop() && !pop()!.hidden) { e.stopImmediatePropagation(); shutMenu(true); }
  else if (choosing()) { e.stopImmediatePropagation(); stop(); }
}, true);

const chosen = () => buttons().filter((b) => b.getAttribute("aria-pressed") === "true");

function ask(events: string) {
  if (events) sheet(`/customers/${openCustomer()}/move?events=${events}`);
}

function sheet(url: string) {
  void htmx.ajax("GET", url, { target: "#sheet", swap: "innerHTML" } as any);
}

function start() {
  from = -1;
  $("#entries")?.classList.add("choosing");
  for (const b of buttons()) b.setAttribute("aria-pressed", "false");
  count();
  buttons().at(-1)?.focus({ preventScroll: true });
}

function stop() {
  $("#entries")?.classList.remove("choosing");
  for (const b of buttons()) b.removeAttribute("aria-pressed");
  count();
}

function select(b: HTMLElement, extend: boolean) {
  const all = buttons(), at = all.indexOf(b), on = b.getAttribute("aria-pressed") === "true";
  if (on && !extend) { b.setAttribute("aria-pressed", "false"); from = -1; return count(); }
  const [a, z] = from < 0 ? [at, at] : [Math.min(from, at), Math.max(from, at)];
  for (let i = a; i <= z; i++) all[i].setAttribute("aria-pressed", "true");
  from = from < 0 || extend ? (from < 0 ? at : from) : -1;
  count();
}

function count() {
  const bar = $("#choosing");
  if (!bar) return;
  bar.hidden = !choosing();
  const n = chosen().length, status = $("[role=status]", bar)!;
  status.textContent = (n === 1 ? status.dataset.single! : status.dataset.other!).replace("{0}", String(n));
  $<HTMLButtonElement>("[data-do=move]", bar)!.disabled = n === 0;
}
