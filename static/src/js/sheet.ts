// The sheet: a dialog whose content the server draws, for what takes more than one click. When an
// action in it is done it closes, and a toast offers the way back.
import { $, on, word } from "./dom";
import { act, message } from "./net";
import { toast } from "./toast";

const sheet = () => $<HTMLDialogElement>("#sheet");
type Detail = CustomEvent<{ ctx: any }>;

document.addEventListener("htmx:after:swap", ((e: Detail) => {
  const d = sheet();
  if (!d || e.detail.ctx?.target !== d) return;
  const done = $("[data-done]", d);
  if (done) return finish(d, done);
  if (!d.open) d.showModal();
  $("[autofocus]", d)?.focus({ preventScroll: true });
  d.scrollTop = 0;
}) as EventListener);

function finish(d: HTMLDialogElement, done: HTMLElement) {
  d.close();
  const undo = done.dataset.undo;
  toast(done.textContent ?? "", undo ? { action: word("undo"), seconds: 10, do: () => void act(undo).then(refresh) } : {});
  d.replaceChildren();
  document.dispatchEvent(new Event("choosing:stop"));
  refresh();
}

/** Threads are drawn anew by their socket; a page without one is loaded again. */
function refresh() {
  if (document.body.dataset.section === "people") location.reload();
}

document.addEventListener("htmx:response:error", ((e: Detail) => {
  const box = $("#sheet[open] .sheet-error");
  if (!box) return;
  box.textContent = message(e.detail.ctx.text ?? "") || word("failed");
  box.hidden = false;
}) as EventListener);

on("click", "[data-shut]", () => sheet()?.close());

on("keydown", "#sheet", (_, e) => {
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  const all = [...sheet()!.querySelectorAll<HTMLElement>("input[type=search],.candidate")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  e.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, at + (e.key === "ArrowDown" ? 1 : -1)))]?.focus();
});
