import { $ } from "./dom";

type Options = { bad?: boolean; action?: string; do?: () => void; seconds?: number };

/** A short word at the bottom of the screen, perhaps with one thing to do about it. */
export function toast(text: string, o: Options = {}) {
  const box = document.createElement("div");
  box.className = o.bad ? "toast bad" : "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  let left = o.seconds ?? (o.bad ? 8 : 4);
  const close = () => { clearInterval(tick); box.remove(); };
  if (o.action) {
    const clock = Object.assign(document.createElement("b"), { textContent: `${left} s` });
    const button = Object.assign(document.createElement("button"), { textContent: o.action, type: "button" });
    button.addEventListener("click", () => { close(); o.do?.(); });
    box.append(clock, button);
  }
  const tick = setInterval(() => {
    if (--left <= 0) return close();
    const clock = $("b", box);
    if (clock) clock.textContent = `${left} s`;
  }, 1000);
  $("#toasts")?.append(box);
  return close;
}
