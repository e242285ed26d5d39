/**
 * Copies each choice in the robot's dialog into the portal's own form: people save there, and the portal does not say when.
 * Placeholders are plain text to us.
 */

import { send } from "./frame.js";

const dialog = document.querySelector("[data-robot]");
const names = ["icon", "title", "text"];

/** Sends the portal the new value of a property.
 *  @type {(field: PageElement) => void} */
function tell(field) {
  send("setPropertyValue", { [field.name]: field.value });
}

/** @type {(event: Sent<Event>) => void} */
function change({ target }) {
  if (!names.includes(target.name)) return;
  tell(target);
  if (target.name === "icon") dialog.querySelector("[data-foreign]")?.remove();
  else if (target.value.trim()) showError(target, "");
}

/** Says what is missing once somebody has left a field empty.
 *  @type {(event: Sent<Event>) => void} */
function leave({ target }) {
  if (target.dataset.missing) showError(target, target.value.trim() ? "" : target.dataset.missing);
}

/** @type {(field: PageElement, sentence: string) => void} */
function showError(field, sentence) {
  document.getElementById(`${field.name}-error`).textContent = sentence;
  field.setAttribute("aria-invalid", String(sentence !== ""));
}

/** Puts a placeholder where the cursor is, or was.
 *  @type {(list: PageElement) => void} */
function insert(list) {
  const field = document.getElementById(list.dataset.insert);
  if (!field) return;
  field.setRangeText(list.value, field.selectionStart, field.selectionEnd, "end");
  list.value = "";
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

dialog.addEventListener("input", change);
dialog.addEventListener("focusout", leave);
for (const list of dialog.querySelectorAll("[data-insert]")) list.addEventListener("change", () => insert(list));
for (const hidden of dialog.querySelectorAll("[data-with-script]")) hidden.hidden = false;
// What is shown has to be saved: the default icon, even if nobody has touched it, and text typed before this script
// loaded.
const icon = dialog.querySelector("[name=icon]:checked");
if (icon && (dialog.hasAttribute("data-fresh") || !icon.defaultChecked)) tell(icon);
for (const field of dialog.querySelectorAll("[data-missing]")) if (field.value !== field.defaultValue) tell(field);
