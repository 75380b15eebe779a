// The original of a mail stands in a frame without scripts. Its height is read here, and its
// remote images are asked for only when somebody clicks.
import { $, on } from "./dom";

document.addEventListener("load", (e) => {
  const frame = e.target;
  if (!(frame instanceof HTMLIFrameElement) || !frame.closest(".original")) return;
  const height = frame.contentDocument?.documentElement?.scrollHeight ?? 0;
  if (height > 0) frame.style.blockSize = `${Math.min(height + 4, 4000)}px`;
}, true);

on("click", "[data-images]", (el) => {
  const frame = $<HTMLIFrameElement>("iframe", el.closest(".original")!)!;
  frame.src = frame.getAttribute("src")!.replace(/\/body$/, "/images/body");
  el.remove();
});
