// What failed on one way to the customer goes into the composer for another.
import { $, $$, on } from "./dom";
import { saveDraft } from "./drafts";

on("click", "[data-instead]", (el) => {
  const way = $$<HTMLInputElement>(".way input").find((i) => i.value === el.dataset.instead && !i.disabled);
  const area = $<HTMLTextAreaElement>("#words-field");
  if (!way || !area) return;
  way.checked = true;
  way.dispatchEvent(new Event("change", { bubbles: true })); // may bring another draft into the box
  const words = $(".said", el.closest(".bubble")!)?.textContent ?? "", begun = area.value.trim();
  if (!begun.includes(words)) area.value = begun ? `${begun}\n\n${words}` : words;
  saveDraft();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});
