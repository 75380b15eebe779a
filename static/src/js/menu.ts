// Menus are <details>: one open at a time, closed by a click elsewhere or by choosing.
import { $$, on } from "./dom";

const others = (keep?: Element | null) => { for (const d of $$<HTMLDetailsElement>("details.menu[open]")) if (d !== keep) d.open = false; };

document.addEventListener("click", (e) => {
  const t = e.target as Element;
  if (t.closest("[data-opens]")) return;
  others(t.closest("details.menu"));
});
document.addEventListener("htmx:after:request", () => others());

// What has no room on a phone's bar is opened from the menu with the rest.
on("click", "[data-opens]", (el) => {
  const d = document.querySelector<HTMLDetailsElement>(`details[data-menu="${el.dataset.opens}"]`);
  if (!d) return;
  others(d);
  d.open = true;
  setTimeout(() => d.querySelector<HTMLElement>("a,button,input")?.focus());
});

on("keydown", ".pop", (el, e) => {
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  e.preventDefault();
  const items = $$("button,input", el);
  const at = items.indexOf(document.activeElement as HTMLElement) + (e.key === "ArrowDown" ? 1 : -1);
  items[(at + items.length) % items.length]?.focus();
});
