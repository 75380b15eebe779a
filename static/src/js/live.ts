// One socket per tab with a cursor. Live and catch-up are the same: whatever stands behind
// the cursor is sent again after a lost connection, and what was seen already is dropped.
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, openCustomer, openMatter, word } from "./dom";
import { placeEntries, placeRow, replace } from "./place";
import { presence, typists } from "./presence";
import { replaceWays } from "./composer";

type Frame = { s?: number; t: string; c?: string; row?: string; e?: string; head?: string; panel?: string; ways?: string; ribbon?: string; name?: string; link?: string; names?: string[]; gone?: string };

let seq = Number(document.body?.dataset.seq ?? 0);
let socket: WebSocket | null = null;
let wait = 300;
let timer = 0;

export function say(frame: Record<string, unknown>) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

type State = "live" | "reconnecting" | "offline";
let now: State | null = null;

function state(name: State) {
  now = name;
  const el = $("#live-state");
  if (!el) return;
  el.dataset.state = name;
  el.textContent = word(name);
}

function connect() {
  clearTimeout(timer);
  const url = new URL(`/live?after=${seq}&customer=${openCustomer()}&conversation=${openMatter()}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.onopen = () => { wait = 300; state("live"); };
  socket.onmessage = (m) => apply(JSON.parse(m.data));
  socket.onclose = (e) => {
    socket = null;
    if (e.code === 4401) return void location.reload(); // the session has ended: the server shows the login
    state(navigator.onLine ? "reconnecting" : "offline");
    timer = window.setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, 30_000);
  };
}

function apply(f: Frame) {
  if (f.s !== undefined) {
    if (f.s <= seq) return;
    seq = f.s;
  }
  switch (f.t) {
    case "patch": return patch(f);
    case "typing": return typists(f.c ?? "", f.name ?? "");
    case "presence": return presence(f.c ?? "", f.names ?? []);
    case "thread": patch(f); return f.c === openCustomer() || f.gone === openCustomer() ? again(f.c!) : undefined;
    case "gone": return gone(f.c ?? "");
    case "trouble": return trouble(f.name ?? "", f.link);
    case "reload": return void location.reload();
  }
}

/** A banner above everything, while the server says that something is wrong; empty words end it. */
function trouble(words: string, link?: string) {
  const bar = $("#trouble");
  if (!bar) return;
  bar.hidden = !words;
  bar.textContent = words;
  if (link) bar.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: word("mend") }));
}

function patch(f: Frame) {
  if (f.gone) document.getElementById(`c${f.gone}`)?.remove();
  if (f.row) placeRow(f.row);
  if (!f.c || f.c !== openCustomer()) return;
  if (f.e) placeEntries(f.e);
  if (f.head) replace("#head", f.head);
  if (f.ribbon) replace("#ribbon", f.ribbon);
  if (f.panel) replace("#panel", f.panel);
  if (f.ways) replaceWays(f.ways);
}

/** A customer was erased: nothing of theirs stays on a screen, nor what somebody was writing to them. */
function gone(customer: string) {
  document.getElementById(`c${customer}`)?.remove();
  if (customer === openCustomer()) location.replace("/");
}

/** Draws the open thread anew: whom it belongs to has changed. */
function again(customer: string) {
  void htmx.ajax("GET", `/customers/${customer}`, { target: "#main", swap: "outerHTML", push: `/customers/${customer}` } as any);
}
document.addEventListener("thread:again", () => { if (openCustomer()) again(openCustomer()); });

const retry = () => { wait = 300; if (!socket) connect(); };
document.addEventListener("htmx:after:swap", () => { if (now) state(now); }); // a restored page comes with a blank one
addEventListener("online", retry);
addEventListener("offline", () => state("offline"));
document.addEventListener("visibilitychange", () => { if (!document.hidden) retry(); });
document.addEventListener("thread:open", () => say({ t: "open", customer: openCustomer(), conversation: openMatter() }));
addEventListener("DOMContentLoaded", () => {
  seq = Number(document.body.dataset.seq ?? 0);
  if (document.body.dataset.section === "inbox") connect();
});
