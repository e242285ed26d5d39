/** Saves drafts at the server, so that nothing is lost when the card is closed. */

import { form, iconNow, isComposer, isTyped, read, takeOutcome, words, wordsNow } from "./form.js";

const draftMilliseconds = 1000;
const againMilliseconds = 10_000;
// Browsers send at most 64 KiB after a page has been closed.
const keepaliveBytes = 50_000;
let draftTimer = 0;
// Text typed before this script loaded is not saved yet.
let keptWords = words.every((field) => field.value === field.defaultValue) ? wordsNow() : "";
let keeping = new AbortController();

/** Saves the draft a moment after the last key. */
export function keepSoon() {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keep, draftMilliseconds);
}

/** Saves the draft if it has changed; after a failure it tries again later. */
export async function keep() {
  stopKeeping();
  const now = wordsNow();
  if (now === keptWords || !form.dataset.drafts || form.hasAttribute("data-busy")) return;
  const { signal } = keeping;
  const body = /** @type {any} */ (new FormData(/** @type {any} */ (form)));
  const answer = await tellWords(new URLSearchParams(body), { signal });
  if (signal.aborted) return;
  const isDone = answer?.status === 204;
  if (isDone) keptWords = now;
  noteKept(isKeepable() && wordsNow() === keptWords);
  if (!isDone) takeProblem(answer, signal);
}

/** Tries again later, unless the server says that the draft can never be saved.
 *  @type {(answer: Response | null, signal: AbortSignal) => Promise<void>} */
async function takeProblem(answer, signal) {
  const page = answer && (await read(answer).catch(() => null));
  if (isComposer(page)) stopForGood(page);
  else if (!signal.aborted) draftTimer = setTimeout(keep, againMilliseconds);
}

const isKeepable = () => isTyped() || iconNow() !== form.elements.first_icon?.value;

/** Sends the draft; until the answer, the server's state counts as unknown.
 *  @type {(body: BodyInit, how: RequestInit) => Promise<Response | null>} */
function tellWords(body, how) {
  keptWords = "";
  return fetch(/** @type {string} */ (form.dataset.drafts), { method: "POST", body, credentials: "omit", ...how }).catch(() => null);
}

/** The session is over: shows the server's page, which says what to do.
 *  @type {(page: Page) => void} */
function stopForGood(page) {
  delete form.dataset.drafts;
  takeOutcome(page);
}

/** Cancels a running save: a post or later text replaces it. */
export function stopKeeping() {
  clearTimeout(draftTimer);
  keeping.abort();
  keeping = new AbortController();
}

/** Shows whether the draft is saved, if that has changed.
 *  @type {(isKept: boolean) => void} */
export function noteKept(isKept) {
  const note = form.querySelector("[data-saved]");
  const said = isKept ? note.dataset.words : "";
  if (note.textContent !== said) note.textContent = said;
}

/** After a post or a discarded draft, the next draft starts with the form's current content. */
export function beginAnew() {
  keptWords = isTyped() ? "" : wordsNow();
  noteKept(false);
}

/** When the card is closed, saves an unsaved draft. */
export function keepNow() {
  stopKeeping();
  if (!form.dataset.drafts || wordsNow() === keptWords) return;
  // Not urlencoded, which could triple its length.
  const body = new FormData(/** @type {any} */ (form));
  tellWords(body, { keepalive: new Blob([...body.values()]).size < keepaliveBytes });
}
