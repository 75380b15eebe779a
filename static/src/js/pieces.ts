// Small behaviours of one line or two.
import { $, $$, on, word } from "./dom";
import { toast } from "./toast";

on("click", "[data-panel]", () => $("#panel")?.classList.toggle("shown"));
on("change", "select[data-submit]", (el) => (el as HTMLSelectElement).form?.requestSubmit());
on("click", "[data-copy]", async (el) => {
  await navigator.clipboard?.writeText(el.dataset.copy!);
  toast(word("copied"));
});

on("input", "#a-sign", (el) => {
  const { value, dataset } = el as HTMLTextAreaElement, shown = $("#sign-preview")!;
  shown.textContent = value.trim().replaceAll("{name}", dataset.name!).replaceAll("{shop}", dataset.shop!) || shown.dataset.without!;
});

const title = document.title;
function count() {
  const n = $$("#rows .row.unread").length;
  const el = $("#unread-count");
  if (el) { el.hidden = n === 0; el.textContent = String(n); }
  const plain = document.title.replace(/^\(\d+\) /, "") || title;
  document.title = n ? `(${n}) ${plain}` : plain;
}
document.addEventListener("rows:changed", count);
document.addEventListener("htmx:after:swap", count);
addEventListener("DOMContentLoaded", count);
