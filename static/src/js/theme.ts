// Dark or light, remembered for the account.
import { post } from "./net";

export function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  void post("/account/theme", { theme: root.dataset.theme });
}
