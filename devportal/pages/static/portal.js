// Starts what a page has: tabs, frames, the live timeline, forms that submit themselves.
import { openFrames } from "./frames.js";
import { startMenus } from "./sliders.js";
import { startTimeline } from "./timeline.js";
import { startTabs } from "./tabs.js";

for (const form of document.querySelectorAll("form[data-submits-itself]")) {
  form.addEventListener("change", () => form.requestSubmit());
  // Somebody may have chosen before this script was there.
  if (form.querySelector("option:checked:not([selected])")) form.requestSubmit();
}
startMenus();
startTabs();
startTimeline();
openFrames(document);

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.parentElement?.querySelector("[data-curl]")?.textContent ?? "");
    button.textContent = "Copied";
  });
}
