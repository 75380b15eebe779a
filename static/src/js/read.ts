// A thread counts as read when it was on a visible screen for a second.
import { $, $$, openCustomer } from "./dom";
import { act, post } from "./net";

let timer = 0;
let held = ""; // marked unread by hand: stays so until the thread is opened again

function soon() {
  clearTimeout(timer);
  const customer = openCustomer();
  if (!customer || document.hidden || held === customer) return;
  timer = window.setTimeout(() => {
    if (customer !== openCustomer() || document.hidden) return;
    const last = Math.max(0, ...$$("#entries .entry").map((e) => Number(e.dataset.id) || 0));
    void post(`/customers/${customer}/read`, { last_id: String(Math.max(last, Number($("main.thread")?.dataset.last ?? 0))) });
  }, 1000);
}

document.addEventListener("thread:open", () => { held = ""; soon(); });
document.addEventListener("entries:added", soon);
document.addEventListener("visibilitychange", soon);

export function unread() {
  held = openCustomer();
  clearTimeout(timer);
  if (held) void act(`/customers/${held}/unread`);
}
