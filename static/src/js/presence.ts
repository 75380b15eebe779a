// Who else looks at or writes in this thread. Nothing of it is stored; it fades by itself.
import { $, openCustomer, word } from "./dom";

const until = new Map<string, number>();

/** Somebody writes: shown in the row, and beside the composer when the thread is open. */
export function typists(customer: string, name: string) {
  if (!name) return;
  const text = word("typing", name);
  if (customer === openCustomer()) fade($("#typing"), "box", text);
  const row = document.getElementById(`c${customer}`);
  if (!row) return;
  let under = $(".under", row);
  if (!under) {
    under = Object.assign(document.createElement("span"), { className: "under" });
    $("a", row)!.append(under);
  }
  let el = $(".typing", under);
  if (!el) {
    el = Object.assign(document.createElement("span"), { className: "typing" });
    under.prepend(el);
  }
  fade(el, customer, text);
}

function fade(el: HTMLElement | null, key: string, text: string) {
  if (!el) return;
  el.textContent = text;
  until.set(key, Date.now() + 5000);
  setTimeout(() => { if ((until.get(key) ?? 0) <= Date.now() && el) el.textContent = ""; }, 5100);
}

/** Who else has this thread open. */
export function presence(customer: string, names: string[]) {
  const el = $("#looking");
  if (!el || customer !== openCustomer()) return;
  el.hidden = names.length === 0;
  el.textContent = names.join(", ");
}
