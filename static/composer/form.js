/** What the composer's modules share: its form, requests, and showing answers. */

export const form = document.querySelector("form[data-composer]");
export const button = form.querySelector(".form-end [data-words]");
export const words = [...form.querySelectorAll("[data-limit]")];
export const [title, text] = words;
export const extras = [...form.querySelectorAll("[data-extra]")];

/** @type {Slot} */
export const slot = (/** @type {any} */ page, /** @type {string} */ name) => page.querySelector(`[data-slot="${name}"]`);

/** Returns what is typed and which icon is chosen, as one string to compare. */
export function wordsNow() {
  return JSON.stringify([...words.map((field) => field.value), iconNow(), ...extras.map(valueOf)]);
}

/** @type {(field: PageElement) => string | false} */
export const valueOf = (field) => (field.type === "checkbox" ? field.checked && field.value : field.value);

export function iconNow() {
  return form.querySelector("input[name=icon]:checked")?.value;
}

export const isTyped = () => words.some((field) => field.value.trim() !== "");

/** Counts like the server: code points, without surrounding space. Shown near the limit.
 *  @type {(field: PageElement) => void} */
export function count(field) {
  const note = document.getElementById(`${field.id}-count`);
  const used = [...field.value.trim()].length;
  const limit = Number(field.dataset.limit);
  const written = (/** @type {number} */ number) => number.toLocaleString(document.documentElement.lang);
  note.hidden = used < limit * 0.8;
  note.classList.toggle("is-over", used > limit);
  note.textContent = note.dataset.words.replace("{count}", written(used)).replace("{limit}", written(limit));
}

/** Returns the answer as a document, or null without one; the form key stays, so trying again is safe.
 *  @type {(address: string, sent: FormData) => Promise<Page | null>} */
export async function request(address, sent) {
  try {
    const body = new URLSearchParams(/** @type {any} */ (sent));
    // The page is loaded already, so the answer needs only what changes.
    const headers = { "X-Answer": "parts" };
    return await read(await fetch(address, { method: "POST", body, headers, credentials: "omit" }));
  } catch {
    return null;
  }
}

/** Returns what an answer says as a document.
 *  @type {(answer: Response) => Promise<Page>} */
export async function read(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** @type {(page: Page | null) => page is Page} */
export const isComposer = (page) => Boolean(page?.querySelector("form[data-composer]"));

/** Shows the outcome, and returns its kind.
 *  @type {(page: Page) => string | undefined} */
export function takeOutcome(page) {
  slot(document, "outcome").replaceChildren(...slot(page, "outcome").children);
  button.disabled = page.querySelector(".form-end [data-words]").disabled;
  return outcome()?.dataset.outcome;
}

export function outcome() {
  return slot(document, "outcome").firstElementChild;
}

/** Shows that there was no answer, or the message of a page that is not a composer.
 *  @type {(page: Page | null, place: PageElement) => void} */
export function showProblem(page, place) {
  const notice = document.getElementById("no-answer").content.cloneNode(true);
  if (place !== form) notice.querySelector("[data-part=advice]").textContent = "";
  for (const part of page?.querySelectorAll("[data-part]") ?? []) {
    const told = notice.querySelector(`[data-part="${part.dataset.part}"]`);
    if (told) told.textContent = part.textContent;
  }
  slot(document, "outcome").replaceChildren(notice);
  focusFrom(place, outcome());
}

/** Has the card around the tab update its timeline. */
export function tellCard() {
  document.dispatchEvent(new CustomEvent("logbook:changed"));
}

/** Moves the focus, unless somebody has moved it elsewhere in the meantime.
 *  @type {(place: PageElement, element: PageElement | null | undefined) => void} */
export function focusFrom(place, element) {
  const now = document.activeElement;
  if (!element || !(now === document.body || place.contains(now))) return;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}
