// The palette: commands with their keys, and whatever the search finds below them.
import { $, $$, on } from "./dom";
import { press } from "./keys";

const dialog = () => $<HTMLDialogElement>("#palette");
const field = () => $<HTMLInputElement>("#palette input");

export function openPalette() {
  const d = dialog();
  if (!d || d.open) return;
  field()!.value = "";
  $("#palette-found")!.replaceChildren();
  filter("");
  d.showModal();
  field()!.focus();
}

const choices = () => $$("#palette-commands button:not([hidden]), #palette-found a");

function filter(query: string) {
  const q = query.trim().toLowerCase();
  for (const b of $$("#palette-commands button")) b.hidden = q !== "" && !b.textContent!.toLowerCase().includes(q);
  choices().forEach((c, i) => c.classList.toggle("first", i === 0));
}

on("input", "#palette input", (el) => filter((el as HTMLInputElement).value));

on("keydown", "#palette", (_, e) => {
  const all = choices();
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    e.preventDefault();
    const to = at + (e.key === "ArrowDown" ? (at < 0 ? 1 : 1) : -1);
    (to < 0 ? field() : all[Math.min(to, all.length - 1)])?.focus();
  } else if (e.key === "Enter" && document.activeElement === field()) {
    e.preventDefault();
    all[0]?.click();
  }
});

on("click", "#palette-commands button", (el) => {
  dialog()?.close();
  setTimeout(() => press(el.dataset.key!));
});
on("click", "dialog", (el, e) => { if (e.target === el) (el as HTMLDialogElement).close(); });
