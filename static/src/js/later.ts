// Sending later: a preset or a time of one's own, in this browser's zone; and taking it back to change it.
import { $, $$, on } from "./dom";
import { send, undo } from "./composer";

const close = (el: HTMLElement) => { el.closest<HTMLDetailsElement>("details")!.open = false; };

on("click", "[data-later]", (el) => { close(el); void send({ at: Number(el.dataset.later) }); });
on("click", "[data-later-at]", (el) => {
  const field = $<HTMLInputElement>("#later-at")!, at = new Date(field.value).getTime();
  if (!at) return field.focus();
  close(el);
  void send({ at });
});
on("keydown", "#later-at", (_, e) => { if (e.key === "Enter") { e.preventDefault(); $("[data-later-at]")?.click(); } });
on("click", "[data-edit]", (el) => { for (const b of $$<HTMLButtonElement>("button", el.parentElement!)) b.disabled = true; void undo(el.dataset.edit!); });
