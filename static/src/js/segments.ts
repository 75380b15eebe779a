// How many SMS a text takes (3GPP TS 23.038): 160 characters of the GSM alphabet or 70 of UCS-2, and
// a little less each when it is sent in parts.
import { $, on } from "./dom";

const GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const TWICE = "^{}\\[~]|€\f"; // escaped: two places each

/** Segments of a text as its carrier counts them. */
export function segments(text: string): number {
  const letters = [...text], gsm = letters.every((c) => GSM.includes(c) || TWICE.includes(c));
  const places = letters.map((c) => (gsm ? (TWICE.includes(c) ? 2 : 1) : c.length)); // UTF-16 units: an emoji has two
  if (places.reduce((sum, n) => sum + n, 0) <= (gsm ? 160 : 70)) return 1;
  const room = gsm ? 153 : 67;
  let parts = 1, taken = 0;
  for (const n of places) { // a letter of two places is never cut in two
    if (taken + n > room) { parts++; taken = 0; }
    taken += n;
  }
  return parts;
}

function count() {
  const box = $("#count"), area = $<HTMLTextAreaElement>("#words-field");
  const way = $<HTMLInputElement>("#composer .way input:checked");
  if (!box || !area || !way) return;
  const text = area.value.trim(), size = [...text].length, over = size - Number(way.dataset.max || Infinity);
  const n = segments(text);
  // data-single, not data-one: html/template takes attributes that begin with data-on for scripts.
  const words = over > 0 ? box.dataset.over! : n === 1 ? box.dataset.single! : box.dataset.many!;
  box.textContent = !text || (way.dataset.segments === undefined && over <= 0) ? "" : words.replace("{0}", String(over > 0 ? over : size)).replace("{1}", String(n));
  box.classList.toggle("over", over > 0);
}

on("input", "#words-field", count);
on("change", ".way input", () => setTimeout(count)); // after the text of the chosen mode stands there
for (const event of ["entries:added", "htmx:after:swap"]) document.addEventListener(event, count);
