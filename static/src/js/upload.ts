// Files by button, paste or drop. Each is uploaded at once and sent by its id.
import { $, $$, on, word } from "./dom";
import { act } from "./net";
import { toast } from "./toast";

const LIMIT = 25 << 20;

export const attached = () => $$<HTMLInputElement>("#attached input");
export const clearAttached = () => $("#attached")?.replaceChildren();

async function upload(file: File) {
  if (file.size > LIMIT) return void toast(word("big", file.name), { bad: true });
  const li = document.createElement("li");
  li.className = "going";
  li.append(Object.assign(document.createElement("span"), { textContent: file.name }));
  $("#attached")?.append(li);
  const body = new FormData();
  body.set("file", file);
  const answer = await act("/attachments", body);
  if (answer === null) return li.remove();
  li.classList.remove("going");
  const id = Object.assign(document.createElement("input"), { type: "hidden", name: "attachment_id", value: String(JSON.parse(answer).id) });
  const off = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "×", ariaLabel: word("remove", file.name) });
  off.addEventListener("click", () => li.remove());
  li.append(id, off);
}

const all = (files?: FileList | null) => { for (const f of files ?? []) void upload(f); };

on("change", "#composer input[type=file]", (el) => {
  const input = el as HTMLInputElement;
  all(input.files);
  input.value = "";
});
on("paste", "#words-field", (_, e) => {
  const files = (e as ClipboardEvent).clipboardData?.files;
  if (files?.length) { e.preventDefault(); all(files); }
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
  if (files?.length) { e.preventDefault(); all(files); }
});
