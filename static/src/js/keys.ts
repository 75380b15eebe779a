// Single keys outside of fields, all of them listed by "?" and all of them can be turned off.
import { $, $$, openCustomer, typing } from "./dom";
import { choose, undoLast } from "./composer";
import { openPalette } from "./palette";
import { toggleTheme } from "./theme";
import { unread } from "./read";
import { toMatter } from "./matters";

const OFF = "onethread.keys-off";
let going = 0;

function step(by: number) {
  const rows = $$<HTMLAnchorElement>("#rows .row > a");
  const now = rows.findIndex((a) => a.getAttribute("aria-current") === "true");
  const to = rows[now < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, now + by))];
  to?.scrollIntoView({ block: "nearest" });
  if (to && to.getAttribute("aria-current") !== "true") to.click();
}

function menu(name: string) {
  const d = $<HTMLDetailsElement>(`details[data-menu="${name}"]`);
  if (!d) return;
  d.open = true;
  setTimeout(() => $("button,input", d)?.focus());
}

function closeAndNext() {
  const status = $("#head")?.dataset.status;
  $("#do-close")?.click();
  if (status !== "closed") step(1);
}

const keys: Record<string, () => void> = {
  j: () => step(1), k: () => step(-1), o: () => step(0),
  r: () => choose("reply"), c: () => choose("note"),
  e: closeAndNext, h: () => menu("h"), a: () => menu("a"), l: () => menu("l"),
  i: () => $(`details[data-menu="a"] button[value="${document.body.dataset.me}"]`)?.click(),
  m: () => menu("m"), "[": () => toMatter(-1), "]": () => toMatter(1),
  "!": () => $("#do-spam")?.click(),
  u: unread, z: () => void undoLast(), d: toggleTheme,
  "/": () => openPalette(), "?": () => $<HTMLDialogElement>("#keys")?.showModal(),
  g: () => { going = Date.now(); },
};
for (let n = 1; n <= 5; n++) keys[String(n)] = () => choose(n);

export function press(key: string) { keys[key]?.(); }

document.addEventListener("keydown", (e) => {
  if ((e.metaKey || e.ctrlKey) && e.key.toLowerCase() === "k") { e.preventDefault(); return openPalette(); }
  if (e.key === "Escape") return escape(e);
  if (e.metaKey || e.ctrlKey || e.altKey || typing(e) || $("dialog[open]") || localStorage.getItem(OFF)) return;
  if (going && Date.now() - going < 1200) {
    going = 0;
    const link = $<HTMLAnchorElement>(`[data-go="${e.key}"]`);
    if (link) { e.preventDefault(); return link.click(); }
  }
  if (keys[e.key] && document.body.dataset.section !== "door") { e.preventDefault(); keys[e.key](); }
});

function escape(e: KeyboardEvent) {
  const open = $<HTMLDetailsElement>("details.menu[open]");
  if (open) { open.open = false; return $("summary", open)?.focus(); }
  if ($("#panel.shown")) return $("#panel")!.classList.remove("shown");
  if (typing(e)) return (e.target as HTMLElement).blur();
  if (!$("dialog[open]") && openCustomer()) $("#head .back")?.click();
}

addEventListener("DOMContentLoaded", () => {
  const box = $<HTMLInputElement>("#keys-off");
  if (!box) return;
  box.checked = localStorage.getItem(OFF) !== null;
  box.addEventListener("change", () => (box.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
});
