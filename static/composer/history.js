/** The entries of the history, and what answers add to them. */

import { focusFrom, slot } from "./form.js";

/** Adds new and waiting entries to those shown; none that the portal has is lost.
 *  @type {(page: Page) => void} */
export function takeHistory(page) {
  if (slot(page, "search")) import("./searching.js").then((it) => it.show(page));
  const now = slot(document, "history");
  const answered = slot(page, "history");
  if (!now || !answered) return;
  const next = answered.querySelector("ol");
  const list = now.querySelector("ol");
  if (list) mix([...(next?.children ?? [])], list, now);
  else if (next) {
    now.querySelector(".empty")?.remove();
    now.append(answered.querySelector("button") ?? "", next);
  }
}

/** @type {(entries: PageElement[], list: PageElement, history: PageElement) => void} */
function mix(entries, list, history) {
  for (const row of list.querySelectorAll(":scope > .entry:not([data-entry-id], [hidden])")) row.remove();
  for (const entry of entries.filter((one) => isMissing(one, history))) {
    entry.classList.toggle("is-new", "entryId" in entry.dataset);
    list.insertBefore(entry, [...list.children].find((row) => entryId(row) < entryId(entry)) ?? null);
  }
}

/** Whether an entry belongs among those shown; older ones come with the next page.
 *  @type {(entry: PageElement, history: PageElement) => boolean} */
function isMissing(entry, history) {
  const shown = [...history.querySelectorAll("[data-entry-id]")].map(entryId);
  const least = shown.length > 0 && history.querySelector("[data-older]") ? Math.min(...shown) : -Infinity;
  const number = entry.querySelector("[data-delete-entry]")?.value;
  const isHidden = number && history.querySelector(`li[hidden] [data-delete-entry][value="${number}"]`);
  return !isHidden && !shown.includes(entryId(entry)) && entryId(entry) > least;
}

/** Returns the portal's number of an entry or of its undo row; one without a number counts as the newest.
 *  @type {(row: PageElement) => number} */
function entryId(row) {
  return Number((row.matches(".entry-undo") ? /** @type {PageElement} */ (row.previousElementSibling) : row).dataset.entryId ?? Infinity);
}

/** Appends older entries that are not shown yet, and focuses the first of them.
 *  @type {(page: Page, place: PageElement) => void} */
export function takeOlder(page, place) {
  const list = /** @type {PageElement} */ (slot(document, "history").querySelector("ol"));
  const shown = new Set([...list.children].map((entry) => entry.dataset.entryId));
  const come = [...page.querySelectorAll("[data-slot=history] [data-entry-id]")].filter((entry) => !shown.has(entry.dataset.entryId));
  const more = page.querySelector("[data-older]");
  const end = page.querySelector(".history-end");
  list.append(...come);
  if (more) place.value = more.value;
  else place.replaceWith(end ?? "");
  focusFrom(place, come[0]?.querySelector("[data-part=title]") ?? end);
}
