// Files by button, paste or drop. Each is uploaded at once and sent by its id; a picture may stand in a mail's
// text, where the words then say [image: its name].
import { $, $$, on, word } from "./dom";
import { act } from "./net";
import { toast } from "./toast";

const LIMIT = 25 << 20;
type Kept = { id: string; name: string; type: string; size: number; url: string; inline: boolean };

const list = () => $("#attached");
const changed = (byHand = true) => document.dispatchEvent(new CustomEvent("attached:changed", { detail: byHand }));
export const attached = () => $$<HTMLInputElement>("#attached input[name=attachment_id]");
export const clearAttached = () => { list()?.replaceChildren(); changed(false); };

const mark = (name: string) => `[image: ${name}]`;
const shown = (type: string) => /^image\/(png|jpeg|gif|webp)$/.test(type);

/** Names or no longer names a picture where the text stands. */
function say(name: string, inText: boolean) {
  const a = $<HTMLTextAreaElement>("#words-field")!;
  if (inText && !a.value.includes(mark(name))) a.setRangeText((a.selectionStart && !/\s$/.test(a.value.slice(0, a.selectionStart)) ? "\n" : "") + mark(name) + "\n", a.selectionStart, a.selectionEnd, "end");
  if (!inText) a.value = a.value.replace(mark(name), "");
  a.dispatchEvent(new Event("input", { bubbles: true }));
}

function chip(f: Kept): HTMLElement {
  const li = document.createElement("li"), off = document.createElement("button");
  if (shown(f.type)) li.append(Object.assign(new Image(), { src: f.url, alt: "" }));
  li.append(Object.assign(document.createElement("span"), { textContent: f.name }));
  li.append(Object.assign(document.createElement("input"), { type: "hidden", name: "attachment_id", value: f.id }));
  if (shown(f.type)) {
    const label = Object.assign(document.createElement("label"), { className: "in-text" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "inline_id", value: f.id, checked: f.inline });
    box.addEventListener("change", () => { say(f.name, box.checked); changed(); });
    label.append(box, list()!.dataset.intext!);
    li.append(label);
  }
  Object.assign(off, { type: "button", className: "quiet", textContent: "×", ariaLabel: word("remove", f.name) });
  off.addEventListener("click", () => { li.remove(); say(f.name, false); changed(); });
  li.append(off);
  return li;
}

/** Draws the files that a draft holds. */
export function restore(json: string) {
  list()?.replaceChildren(...(JSON.parse(json || "[]") as Kept[]).map(chip));
  changed(false);
}

const away = new WeakMap<Element, Record<string, Node[]>>();

/** Answer and note have files of their own. */
export function swap(was: string, now: string) {
  const l = list()!, kept = away.get(l) ?? {};
  kept[was] = [...l.childNodes];
  away.set(l, kept);
  if (!kept[now]) return restore(l.dataset[now] ?? "");
  l.replaceChildren(...kept[now]);
  changed(false);
}

/** A name that no other file here has: what is pasted is always called image.png. */
function named(file: File): string {
  const [, stem, end] = /^(.*?)(\.[^.]*)?$/s.exec(file.name.replace(/[[\]]/g, ""))!, taken = $$("#attached span").map((s) => s.textContent);
  for (let n = 1; ; n++) {
    const name = stem + (n > 1 ? ` ${n}` : "") + (end ?? "");
    if (!taken.includes(name)) return name;
  }
}

async function upload(file: File, inText: boolean) {
  if (file.size > LIMIT) return void toast(word("big", file.name), { bad: true });
  const li = document.createElement("li"), name = named(file), form = $("#composer");
  li.className = "going";
  li.append(Object.assign(document.createElement("span"), { textContent: name }));
  list()?.append(li);
  const body = new FormData();
  body.set("file", file, name);
  const answer = await act("/attachments", body);
  if (answer === null || !form?.isConnected) return li.remove();
  const made = JSON.parse(answer) as Kept;
  const inline = inText && shown(made.type) && $("#composer [data-subject]:checked") !== null;
  li.replaceWith(chip({ ...made, url: URL.createObjectURL(file), inline }));
  if (inline) say(made.name, true);
  changed();
}

const all = (files: FileList | null | undefined, inText: boolean) => { for (const f of files ?? []) void upload(f, inText); };

on("change", "#composer input[type=file]", (el) => {
  const input = el as HTMLInputElement;
  all(input.files, false);
  input.value = "";
});
on("paste", "#words-field", (_, e) => {
  const files = (e as ClipboardEvent).clipboardData?.files;
  if (files?.length) { e.preventDefault(); all(files, true); }
});
on("dragover", "main.thread", (_, e) => {
  if (!(e as DragEvent).dataTransfer?.types.includes("Files")) return;
  e.preventDefault();
  $("#composer")?.classList.add("dropping");
});
on("dragleave", "main.thread", (el, e) => { if (!el.contains((e as DragEvent).relatedTarget as Node)) $("#composer")?.classList.remove("dropping"); });
on("drop", "main.thread", (_, e) => {
  const files = (e as DragEvent).dataTransfer?.files;
  $("#composer")?.classList.remove("dropping");
  if (files?.length) { e.preventDefault(); all(files, true); }
});
