// Ages in the list grow by themselves, and Undo goes away when it is too late for it. The
// browser tells the server its time zone once, so that pages come with the right hours.
import { $$, word } from "./dom";

function age(ms: number): string {
  const m = Math.floor(ms / 60_000);
  if (m < 1) return word("now");
  if (m < 60) return word("m", m);
  if (m < 24 * 60) return word("h", Math.floor(m / 60));
  if (m < 14 * 24 * 60) return word("d", Math.floor(m / 60 / 24));
  return word("w", Math.floor(m / 60 / 24 / 7));
}

setInterval(() => {
  for (const t of $$<HTMLTimeElement>("time[data-ago]")) {
    const text = age(Date.now() - Date.parse(t.dateTime));
    if (t.textContent !== text) t.textContent = text;
  }
}, 20_000);

setInterval(() => {
  for (const u of $$(".undo[data-until]")) if (Number(u.dataset.until) <= Date.now()) u.remove();
}, 500);

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`tz=${encodeURIComponent(zone)}`))
  document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
