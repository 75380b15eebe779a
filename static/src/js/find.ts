// Settings that the server can find from the first one entered: what nobody typed is filled in.
import { $, $$, on } from "./dom";
import { message, post } from "./net";

const filled = new WeakMap<Element, string>(); // what we put there, until somebody changes it

on("change", "form[data-find] [type=email]", async (el) => {
  const form = el.closest<HTMLFormElement>("form")!, note = found(el);
  if (!(el as HTMLInputElement).validity.valid || !(el as HTMLInputElement).value) return;
  note.textContent = $("#words")?.dataset.looking ?? "";
  const { status, text } = await post(form.dataset.find!, new URLSearchParams(new FormData(form) as unknown as Record<string, string>));
  if (status !== 200) { note.textContent = message(text); return; }
  const answer = JSON.parse(text) as { settings: Record<string, string> | null; note: string; page: string };
  for (const input of $$<HTMLInputElement | HTMLSelectElement>("[name^='set.']", form)) {
    const value = answer.settings?.[input.name.slice(4)];
    const untouched = input.value === "" || input.value === filled.get(input) || (input instanceof HTMLInputElement ? input.value === input.defaultValue : !filled.has(input));
    if (value === undefined || !untouched) continue;
    input.value = value;
    filled.set(input, value);
    if (input instanceof HTMLSelectElement) input.dispatchEvent(new Event("change", { bubbles: true })); // fields may depend on it
  }
  note.textContent = answer.note;
  if (answer.page.startsWith("https://"))
    note.append(" ", Object.assign(document.createElement("a"), { href: answer.page, target: "_blank", rel: "noopener noreferrer", textContent: $("#words")?.dataset.page ?? answer.page }));
});

/** The line under a field that tells what was found. */
function found(el: Element): HTMLElement {
  const field = el.closest(".field")!;
  return $<HTMLElement>(".found", field) ?? field.appendChild(Object.assign(document.createElement("p"), { className: "help found", role: "status" }));
}
