/** Deletes an entry, which can be undone for some seconds. Loaded with the first deletion. */

import { focusFrom, form, request, slot, takeOutcome, tellCard } from "./form.js";

const undoMilliseconds = 6000;
// Entries that can still be brought back, by their numbers.
const hiddenForUndo = new Map();

/** Hides a heading without entries. */
function sayIfEmpty() {
  const now = slot(document, "history");
  const list = /** @type {PageElement} */ (now.querySelector("ol"));
  if (list.children.length > 0 || now.querySelector("[data-older], .notice")) return;
  now.querySelector(".history-end")?.remove();
  list.replaceWith(document.getElementById("nothing-yet").content.cloneNode(true));
}

/**
 * Hides an entry; it is deleted in the portal only if nobody brings it back for some seconds. If the portal refuses,
 * `takeRefusal` gets the answer.
 * @type {(pressed: PageElement, takeRefusal: TakingIfAny) => void}
 */
export function hideForUndo(pressed, takeRefusal) {
  const entry = pressed.closest("li");
  const undo = document.getElementById("undo").content.firstElementChild.cloneNode(true);
  // Loading this script takes a moment, and the focus may have moved on.
  const isHere = entry.contains(document.activeElement) || document.activeElement === document.body;
  entry.hidden = true;
  entry.after(undo);
  const timer = setTimeout(() => remove(pressed.value, takeRefusal), undoMilliseconds);
  hiddenForUndo.set(pressed.value, { entry, undo, timer, pressed });
  undo.querySelector("button").addEventListener("click", () => undoDelete(pressed.value));
  if (isHere) undo.querySelector("button").focus();
}

/** Brings back an entry that was to be deleted.
 *  @type {(number: string) => void} */
function undoDelete(number) {
  const { entry, undo, timer, pressed } = hiddenForUndo.get(number);
  clearTimeout(timer);
  hiddenForUndo.delete(number);
  undo.remove();
  entry.hidden = false;
  pressed.focus();
}

/** Deletes an entry that nobody brought back; somebody may be typing the next one meanwhile.
 *  @type {(number: string, takeRefusal: TakingIfAny) => Promise<void>} */
async function remove(number, takeRefusal) {
  const { entry, undo } = hiddenForUndo.get(number);
  const sent = new FormData(/** @type {any} */ (form));
  sent.set("entry", number);
  undo.querySelector("button").remove();
  const page = await request(form.dataset.delete, sent);
  hiddenForUndo.delete(number);
  undo.remove();
  if (page?.querySelector("[data-outcome=deleted]")) return takeDeletion(page, entry);
  entry.hidden = false;
  takeRefusal(page, sent, entry);
}

/** @type {(page: Page, entry: PageElement) => void} */
function takeDeletion(page, entry) {
  takeOutcome(page);
  entry.remove();
  sayIfEmpty();
  tellCard();
  focusFrom(entry, document.getElementById("history-heading"));
}

/** When the card is closed, deletes hidden entries without waiting. */
export function deleteNow() {
  for (const [number, { timer }] of hiddenForUndo) {
    clearTimeout(timer);
    const body = new URLSearchParams({ session: form.elements.session.value, entry: number });
    fetch(form.dataset.delete, { method: "POST", body, credentials: "omit", keepalive: true });
  }
  hiddenForUndo.clear();
}
