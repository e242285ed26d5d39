// Starts what a page has: tabs, frames, the living timeline, switches that submit themselves.
import { openFrames } from "./frames.js";
import { startTimeline } from "./timeline.js";
import { startTabs } from "./tabs.js";

for (const form of document.querySelectorAll("form[data-submits-itself]")) {
  form.addEventListener("change", () => form.requestSubmit());
}
startTabs();
startTimeline();
openFrames(document);
