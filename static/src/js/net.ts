import { $, fragment, word } from "./dom";
import { toast } from "./toast";

export const csrf = () => $<HTMLMetaElement>("meta[name=csrf]")?.content ?? "";

/** What the server says in words, out of an error fragment, problem JSON or plain text. */
export function message(text: string): string {
  try {
    const p = JSON.parse(text);
    return p.detail ?? p.title ?? "";
  } catch {
    return fragment(text).textContent?.trim().slice(0, 300) ?? "";
  }
}

/** Posts a form the way htmx does. Never throws: a lost connection is an answer with status 0. */
export async function post(url: string, data: FormData | URLSearchParams | Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const body = data instanceof FormData || data instanceof URLSearchParams ? data : new URLSearchParams(data);
  try {
    const r = await fetch(url, { method: "POST", body, headers: { "X-CSRF-Token": csrf(), "HX-Request": "true" }, credentials: "same-origin" });
    return { status: r.status, text: await r.text() };
  } catch {
    return { status: 0, text: "" };
  }
}

/** Posts and tells the person when it failed; gives the answer's text, or null. */
export async function act(url: string, data: FormData | Record<string, string> = {}): Promise<string | null> {
  const { status, text } = await post(url, data);
  if (status >= 200 && status < 300) return text;
  toast(status === 401 ? word("lost") : message(text) || word("failed"), { bad: true });
  return null;
}
