// Menus are <details>: one open at a time, closed by a click elsewhere or by choosing.
import { $$, on } from "./dom";

const others = (keep?: Element | null) => { for (const d of $$<HTMLDetailsElement>("details.menu[open]")) if (d !== keep) d.open = false; };

document.addEventListener("click", (e) => {
  const t = e.target as Element;
  others(t.closest("details.menu"));
});
document.addEventListener("htmx:after:request", () => others());

on("keydown", ".pop", (el, e) => {
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  e.preventDefault();
  const items = $$("button,input", el);
  const at = items.indexOf(document.activeElement as HTMLElement) + (e.key === "ArrowDown" ? 1 : -1);
  items[(at + items.length) % items.length]?.focus();
});
