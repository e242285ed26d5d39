/** The entries that stand there: what answers add to them, and deleting one, which can be undone for some seconds. */

import { focusFrom, form, request, slot, takeOutcome, tellCard } from "./form.js";

const undoMilliseconds = 6000;
// Entries that can still be brought back, by their numbers.
const hiddenForUndo = new Map();

/** Puts what is not shown yet, or still waits, among the entries shown; none that the portal knows is lost. */
export function takeHistory(page) {
  const now = slot(document, "history");
  const answered = slot(page, "history");
  const next = answered?.querySelector("ol");
  const list = now?.querySelector("ol");
  if (now && next && !list) {
    now.querySelector(".empty")?.remove();
    now.append(next);
  }
  if (!list || !answered) return;
  for (const row of list.querySelectorAll(":scope > .entry:not([data-entry-id], [hidden])")) row.remove();
  for (const entry of [...(next?.children ?? [])].filter((one) => isMissing(one, now))) {
    entry.classList.toggle("is-new", "entryId" in entry.dataset);
    list.insertBefore(entry, [...list.children].find((row) => entryId(row) < entryId(entry)) ?? null);
  }
}

/** Tells an entry that belongs among those shown; what is older than all of them comes with the older ones. */
function isMissing(entry, history) {
  const shown = [...history.querySelectorAll("[data-entry-id]")].map(entryId);
  const least = shown.length > 0 && history.querySelector("[data-older]") ? Math.min(...shown) : -Infinity;
  const isHidden = hiddenForUndo.has(entry.querySelector("[data-delete-entry]")?.value);
  return !isHidden && !shown.includes(entryId(entry)) && entryId(entry) > least;
}

/** Returns the portal's number of an entry or of its way back; one that has none yet is newer than any. */
function entryId(row) {
  return Number((row.matches(".entry-undo") ? row.previousElementSibling : row).dataset.entryId ?? Infinity);
}

/** Appends the older entries that are not shown yet and goes to the first of them. */
export function takeOlder(page, place) {
  const now = slot(document, "history");
  const list = now.querySelector("ol");
  const shown = new Set([...list.children].map((entry) => entry.dataset.entryId));
  const come = [...page.querySelectorAll("[data-slot=history] [data-entry-id]")].filter((entry) => !shown.has(entry.dataset.entryId));
  const more = page.querySelector("[data-older]");
  const end = page.querySelector(".history-end");
  list.append(...come);
  if (more) place.value = more.value;
  else place.replaceWith(end ?? "");
  focusFrom(place, come[0]?.querySelector("[data-part=title]") ?? end);
}

/** A heading above nothing helps nobody. */
function sayIfEmpty() {
  const now = slot(document, "history");
  const list = now.querySelector("ol");
  if (list.children.length > 0 || now.querySelector("[data-older], .notice")) return;
  now.querySelector(".history-end")?.remove();
  list.replaceWith(document.getElementById("nothing-yet").content.cloneNode(true));
}

/**
 * Takes an entry out of sight; the portal is told only when nobody has wanted it back for some seconds. If it then
 * deletes nothing, `takeRefusal` gets its answer.
 */
export function hideForUndo(pressed, takeRefusal) {
  const entry = pressed.closest("li");
  const undo = document.getElementById("undo").content.firstElementChild.cloneNode(true);
  entry.hidden = true;
  entry.after(undo);
  const timer = setTimeout(() => remove(pressed.value, takeRefusal), undoMilliseconds);
  hiddenForUndo.set(pressed.value, { entry, undo, timer, pressed });
  undo.querySelector("button").addEventListener("click", () => undoDelete(pressed.value));
  undo.querySelector("button").focus();
}

/** Brings back an entry that was to be deleted. */
function undoDelete(number) {
  const { entry, undo, timer, pressed } = hiddenForUndo.get(number);
  clearTimeout(timer);
  hiddenForUndo.delete(number);
  undo.remove();
  entry.hidden = false;
  pressed.focus();
}

/** Has the portal delete an entry that nobody wanted back; somebody may be typing the next one meanwhile. */
async function remove(number, takeRefusal) {
  const { entry, undo } = hiddenForUndo.get(number);
  const sent = new FormData(form);
  sent.set("entry", number);
  undo.querySelector("button").remove();
  const page = await request(form.dataset.delete, sent);
  hiddenForUndo.delete(number);
  undo.remove();
  if (page?.querySelector("[data-outcome=deleted]")) return takeDeletion(page, entry);
  entry.hidden = false;
  takeRefusal(page, sent, entry);
}

function takeDeletion(page, entry) {
  takeOutcome(page);
  entry.remove();
  sayIfEmpty();
  tellCard();
  focusFrom(entry, document.getElementById("history-heading"));
}

/** The card is being closed: what is out of sight is deleted without waiting any longer. */
export function deleteNow() {
  for (const [number, { timer }] of hiddenForUndo) {
    clearTimeout(timer);
    const body = new URLSearchParams({ session: form.elements.session.value, entry: number });
    fetch(form.dataset.delete, { method: "POST", body, credentials: "omit", keepalive: true });
  }
  hiddenForUndo.clear();
}
