// The thread's scroll position: newest at the bottom, place kept when earlier events are put
// on top (browsers do not anchor at scrollTop 0), and a way back down when new ones arrive.
import { $, $$, on } from "./dom";

const box = () => $("#scroll");
let low = true; // the person looks at the newest entry: keep it in sight as heights settle
const bottom = () => { const s = box(); low = true; if (s) s.scrollTop = s.scrollHeight; };
const grown = new ResizeObserver(() => { if (low) bottom(); });

document.addEventListener("thread:open", () => {
  const hash = /^#e(\d+)$/.exec(location.hash);
  if (hash) return void jump(hash[1]);
  const fresh = $("#fresh");
  bottom();
  grown.disconnect();
  for (const el of [$("#entries"), box()]) if (el) grown.observe(el);
  const ribbon = $("#ribbon");
  if (ribbon) ribbon.scrollLeft = ribbon.scrollWidth;
  if (fresh && box() && fresh.getBoundingClientRect().top < box()!.getBoundingClientRect().top) { low = false; fresh.scrollIntoView({ block: "start" }); }
});

document.addEventListener("entries:added", ((e: CustomEvent<{ low: boolean }>) => {
  if (e.detail.low) bottom();
  else { const j = $("#jump"); if (j) j.hidden = false; }
}) as EventListener);

document.addEventListener("scroll", (e) => {
  const s = e.target as HTMLElement;
  if (s.id !== "scroll") return;
  low = s.scrollHeight - s.scrollTop - s.clientHeight < 40;
  const j = $("#jump");
  if (j && s.scrollHeight - s.scrollTop - s.clientHeight < 40) j.hidden = true;
}, true);
on("click", "#jump button", bottom);

let anchor: { el: HTMLElement; top: number } | null = null;
const earlier = (e: Event) => (e as CustomEvent).detail?.ctx?.sourceElement?.matches?.(".earlier");
document.addEventListener("htmx:before:swap", (e) => {
  if (!earlier(e)) return;
  const el = $("#entries .entry");
  if (el) anchor = { el, top: el.getBoundingClientRect().top };
});
document.addEventListener("htmx:after:swap", () => {
  const s = box();
  if (!anchor || !s) return;
  s.scrollTop += anchor.el.getBoundingClientRect().top - anchor.top;
  tidyDays();
  anchor = null;
});

/** Two windows may both have begun with a chip for the same day. */
function tidyDays() {
  let last = "";
  for (const li of $$("#entries > .day")) {
    if (li.dataset.day === last) li.remove();
    last = li.dataset.day ?? "";
  }
}

/** Scrolls to an event, loading earlier windows until it is there. */
async function jump(id: string) {
  for (let i = 0; i < 40; i++) {
    const el = document.getElementById(`e${id}`);
    if (el) {
      el.scrollIntoView({ block: "center" });
      el.classList.add("target");
      setTimeout(() => el.classList.remove("target"), 2500);
      return;
    }
    const more = $("#entries .earlier");
    if (!more) return;
    more.scrollIntoView();
    await new Promise<void>((done) => {
      const stop = setTimeout(done, 3000);
      document.addEventListener("htmx:after:settle", () => { clearTimeout(stop); done(); }, { once: true });
    });
  }
}

on("click", "[data-jump]", (el, e) => {
  e.preventDefault();
  $("#panel")?.classList.remove("shown");
  void jump(el.dataset.jump!);
});
