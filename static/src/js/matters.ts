// Several conversations in one thread: the way from one to the next.
import { $, $$ } from "./dom";

/** Scrolls to where the conversation before (-1) or after (1) the one in sight begins. */
export function toMatter(by: -1 | 1) {
  const box = $("#scroll"), all = $$("#entries > .entry[data-about]");
  if (!box || !all.length) return;
  const starts = all.filter((el, i) => i === 0 || el.dataset.about !== all[i - 1].dataset.about);
  const top = box.getBoundingClientRect().top + 8;
  const below = starts.findIndex((el) => el.getBoundingClientRect().top > top + 1);
  const at = (below < 0 ? starts.length : below) - 1; // the one that fills the top of the screen
  const to = starts[Math.min(starts.length - 1, Math.max(0, at + by))];
  to.scrollIntoView({ block: "start" });
  to.classList.add("target");
  setTimeout(() => to.classList.remove("target"), 2500);
}
