// Who else gets a mail, what stands below it, and whether its files can go the way that is chosen.
import { $, $$, on } from "./dom";
import { saveDraft } from "./drafts";

on("click", "[data-show]", (el) => {
  const line = $(`#${el.dataset.show}-line`)!;
  line.hidden = false;
  el.hidden = true;
  $("input", line)?.focus();
});

// To everybody of the last mail, or to its sender alone.
on("click", "#alone", (el) => {
  const cc = $<HTMLInputElement>("[name=cc]")!, alone = el.ariaPressed !== "true";
  cc.value = alone ? "" : el.dataset.all!;
  el.ariaPressed = String(alone);
  saveDraft();
});
on("input", "[name=cc]", (el) => { const b = $("#alone"); if (b) b.ariaPressed = String((el as HTMLInputElement).value === ""); });

function sign() {
  const text = $<HTMLInputElement>(".way input:checked")?.dataset.sign, box = $(".sign");
  if (text === undefined || !box) return;
  box.hidden = text === "";
  $("#sign")!.textContent = text;
  $("#sign-line")!.textContent = text.split("\n")[0];
}

let asked = 0;
async function fits() {
  const way = $<HTMLInputElement>(".way input:checked")?.value, bar = $("#misfit"), mine = ++asked;
  const files = $$<HTMLInputElement>("#attached input[name=attachment_id]").map((i) => "&attachment_id=" + i.value).join("");
  if (!bar) return;
  let problem = "";
  if (files && way !== "note") {
    const r = await fetch(`/fits?way=${way}${files}`, { headers: { Accept: "application/json" } }).catch(() => null);
    problem = r?.ok ? (await r.json()).problem : "";
  }
  if (mine !== asked || !bar.isConnected) return;
  bar.textContent = problem;
  bar.hidden = !problem;
}
on("change", ".way input", () => { sign(); void fits(); });
document.addEventListener("attached:changed", () => void fits());
