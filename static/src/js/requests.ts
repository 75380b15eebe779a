// htmx requests carry the session's token; what the server refuses is said in words.
import { openCustomer, word, $, $$ } from "./dom";
import { csrf, message } from "./net";
import { toast } from "./toast";

type Detail = CustomEvent<{ ctx: any }>;
const listen = (name: string, fn: (e: Detail) => void) => document.addEventListener(name, fn as EventListener);

listen("htmx:config:request", (e) => { e.detail.ctx.request.headers["X-CSRF-Token"] = csrf(); });

listen("htmx:response:error", (e) => {
  const { response, text } = e.detail.ctx;
  toast(response.status === 401 ? word("lost") : message(text ?? "") || word("failed"), { bad: true });
});

listen("htmx:error", (e) => { if (e.detail.ctx?.request) toast(word("failed"), { bad: true }); });

// Opening a customer swaps the thread alone: light its row and let the phone show it.
listen("htmx:after:swap", (e) => {
  if (!(e.target instanceof Element) || !$("main.thread")) return;
  $(".panes")?.classList.toggle("open", openCustomer() !== "");
  for (const a of $$("#rows a")) {
    if (a.closest<HTMLElement>(".row")?.dataset.customer === openCustomer()) a.setAttribute("aria-current", "true");
    else a.removeAttribute("aria-current");
  }
  if (e.detail.ctx?.target?.id === "main" || e.detail.ctx?.target === document.body || e.detail.ctx?.sourceElement?.closest?.("#rows .row")) document.dispatchEvent(new Event("thread:open"));
});

addEventListener("DOMContentLoaded", () => { if (openCustomer()) document.dispatchEvent(new Event("thread:open")); });
