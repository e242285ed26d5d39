/** Keeps what is typed at the server, so that nothing is lost when the card is closed. */

import { form, iconNow, isComposer, isTyped, read, takeOutcome, words, wordsNow } from "./form.js";

const draftMilliseconds = 1000;
const againMilliseconds = 10_000;
// Browsers send at most 64 KiB after a page has been closed.
const keepaliveBytes = 50_000;
let draftTimer = 0;
// What somebody has typed before this script came is not kept yet.
let keptWords = words.every((field) => field.value === field.defaultValue) ? wordsNow() : "";
let keeping = new AbortController();

/** Keeps what is typed a moment after the last key. */
export function keepSoon() {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keep, draftMilliseconds);
}

/** Sends the server what is in the form, if it has changed; what was not kept is tried again later. */
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

/** What was not kept is kept later, unless the server says that it never will be.
 *  @type {(answer: Response | null, signal: AbortSignal) => Promise<void>} */
async function takeProblem(answer, signal) {
  const page = answer && (await read(answer).catch(() => null));
  if (isComposer(page)) stopForGood(page);
  else if (!signal.aborted) draftTimer = setTimeout(keep, againMilliseconds);
}

const isKeepable = () => isTyped() || iconNow() !== form.elements.first_icon?.value;

/** Sends the words, and forgets what the server had until it answers.
 *  @type {(body: BodyInit, how: RequestInit) => Promise<Response | null>} */
function tellWords(body, how) {
  keptWords = "";
  return fetch(/** @type {string} */ (form.dataset.drafts), { method: "POST", body, credentials: "omit", ...how }).catch(() => null);
}

/** Nobody can tell any more whose words these are: the page of the server says so, and what to do.
 *  @type {(page: Page) => void} */
function stopForGood(page) {
  delete form.dataset.drafts;
  takeOutcome(page);
}

/** A post has the same words and more authority, and so have later words. */
export function stopKeeping() {
  clearTimeout(draftTimer);
  keeping.abort();
  keeping = new AbortController();
}

/** Says whether the content of the form is kept, unless that has been said already.
 *  @type {(isKept: boolean) => void} */
export function noteKept(isKept) {
  const note = form.querySelector("[data-saved]");
  const said = isKept ? note.dataset.words : "";
  if (note.textContent !== said) note.textContent = said;
}

/** What is in the form now, after a post or a discarded draft, is where the next draft begins. */
export function beginAnew() {
  keptWords = isTyped() ? "" : wordsNow();
  noteKept(false);
}

/** The card is being closed: what is not kept yet is sent on its way. */
export function keepNow() {
  stopKeeping();
  if (!form.dataset.drafts || wordsNow() === keptWords) return;
  // Not urlencoded, which would make it three times as long.
  const body = new FormData(/** @type {any} */ (form));
  tellWords(body, { keepalive: new Blob([...body.values()]).size < keepaliveBytes });
}
