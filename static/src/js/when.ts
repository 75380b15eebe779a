// Fields that count only by another one's value: data-if="login=google|microsoft". What is hidden is not sent.
import { $$, on } from "./dom";

function settle(form: ParentNode) {
  for (const el of $$<HTMLElement>("[data-if]", form)) {
    const [key, values] = el.dataset.if!.split("=");
    const other = document.querySelector<HTMLSelectElement>(`[name="set.${key}"]`);
    if (!other) continue;
    el.hidden = !values!.split("|").includes(other.value);
    for (const input of $$<HTMLInputElement>("input, select, textarea", el)) input.disabled = el.hidden;
  }
}

on("change", "form select", () => settle(document));
addEventListener("DOMContentLoaded", () => settle(document));
