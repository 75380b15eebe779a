// Why a way cannot be used stands below the ways while it has the focus: a finger finds no title.
import { $, on } from "./dom";

function tell(reason: string) {
  const line = $("#why");
  if (!line) return;
  line.textContent = reason;
  line.hidden = reason === "";
}

for (const event of ["focusin", "click"] as const) on(event, ".way:has(:disabled)", (way) => tell(way.title));
on("focusout", ".way:has(:disabled)", () => tell(""));
on("change", ".way input", () => tell("")); // one was chosen, or the ways came anew
