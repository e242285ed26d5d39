/** Searches the card's entries, shown in place of the history; the text in the form is not touched. */

import { form, isComposer, request, showProblem, slot } from "./form.js";

/** The numbers of the entries found, including those deleted meanwhile.
 *  @type {(string | undefined)[]} */
let found = [];
/** @type {(section: PageElement) => (string | undefined)[]} */
const numbers = (section) => [...section.querySelectorAll("[data-entry-id]")].map((row) => row.dataset.entryId);

/** Shows an answer's search in place of the entries or an earlier search.
 *  @type {(page: Page) => void} */
export function show(page) {
  const history = slot(document, "history");
  const come = /** @type {PageElement} */ (slot(page, "search"));
  const earlier = slot(document, "search");
  if (earlier) earlier.replaceWith(come);
  else history.after(come);
  history.hidden = true;
  found = numbers(come);
  come.querySelector("form").addEventListener("submit", submit);
  come.querySelector("input[type=search]").focus();
}

/** @type {(event: Submitted) => Promise<void>} */
async function submit(event) {
  event.preventDefault();
  const search = event.currentTarget;
  if (event.submitter?.matches("[data-close]")) return close();
  const button = search.querySelector("button");
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  const sent = new FormData(/** @type {any} */ (form));
  for (const field of search.querySelectorAll("[name^=find_]")) sent.set(field.name, field.value);
  const page = await request(search.action, sent);
  button.ariaDisabled = "false";
  // Somebody may have closed it meanwhile.
  if (!search.isConnected) return;
  if (isComposer(page) && slot(page, "search")) show(page);
  else showProblem(page, search);
}

/** Shows the entries again, without those that were deleted in the search. */
function close() {
  const history = slot(document, "history");
  const search = /** @type {PageElement} */ (slot(document, "search"));
  const left = numbers(search);
  for (const row of history.querySelectorAll("[data-entry-id]")) {
    if (found.includes(row.dataset.entryId) && !left.includes(row.dataset.entryId)) row.remove();
  }
  search.remove();
  history.hidden = false;
  history.querySelector("button").focus();
}
