// Tabs of a card: an application's tab gets a fresh frame each time it is opened.
import { openFrames } from "./frames.js";
import { openSlider } from "./sliders.js";

export function startTabs() {
  const list = document.querySelector("[role=tablist]");
  if (!list) return;
  const tabs = [...list.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(tab, tabs);
    });
  }
  list.addEventListener("keydown", (event) => walk(event, tabs));
  for (const button of document.querySelectorAll("[data-activity]")) {
    button.addEventListener("click", () => openActivity(button));
  }
}

/** @type {(tab: PageElement, tabs: PageElement[]) => Promise<void>} */
async function choose(tab, tabs) {
  if (tab.getAttribute("aria-selected") === "true") return;
  for (const other of tabs) {
    const panel = panelOf(other);
    other.setAttribute("aria-selected", String(other === tab));
    panel.hidden = other !== tab;
    if (other !== tab && other.dataset.panel) panel.replaceChildren();
  }
  if (tab.dataset.panel) await fill(panelOf(tab), tab.dataset.panel);
}

/** @type {(tab: PageElement) => PageElement} */
const panelOf = (tab) => /** @type {PageElement} */ (document.getElementById(String(tab.getAttribute("aria-controls"))));

/** @type {(panel: PageElement, address: string) => Promise<void>} */
export async function fill(panel, address) {
  const answer = await fetch(address);
  panel.innerHTML = await answer.text();
  openFrames(panel);
}

/** A page opens below the buttons, or in a slider; what the portal draws itself is loaded once.
 *  @type {(button: PageElement) => Promise<void>} */
async function openActivity(button) {
  const { activity, activitySlider, native } = button.dataset;
  for (const place of document.querySelectorAll(".activity-panel, .activity-area")) place.hidden = true;
  if (activitySlider) return openSlider(activitySlider);
  if (native) return openNative(/** @type {PageElement} */ (document.getElementById(native)), activity);
  const panel = document.querySelector(".activity-panel");
  panel.hidden = false;
  return fill(panel, activity);
}

/** @type {(area: PageElement, address: string) => Promise<void>} */
async function openNative(area, address) {
  area.hidden = false;
  if (area.hasChildNodes()) return;
  area.textContent = "Loading…";
  const hidden = Object.assign(document.createElement("div"), { hidden: true });
  document.body.append(hidden);
  hidden.innerHTML = await (await fetch(address)).text();
  openFrames(hidden, area);
}

/** @type {(event: Sent<KeyboardEvent>, tabs: PageElement[]) => void} */
function walk(event, tabs) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = (tabs.indexOf(event.target) + step + tabs.length) % tabs.length;
  tabs[next].focus();
}
