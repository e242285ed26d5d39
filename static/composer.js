/**
 * Posts entries and handles those of the history without leaving the page. Without this script, the same form works with
 * plain POSTs. Typed text is never removed before the server has confirmed that it has it.
 */

import { beginAnew, keep, keepNow, keepSoon, noteKept, stopKeeping } from "./composer/drafts.js";
import { button, count, extras, focusFrom, form, isComposer, isTyped, outcome, request, showProblem, slot, takeOutcome, tellCard, text, title, valueOf, words } from "./composer/form.js";
import { takeHistory, takeOlder } from "./composer/history.js";
import { preview, replacePicture, showIcon, showPreview } from "./composer/preview.js";

const ask = document.getElementById("ask");
const doublePressMilliseconds = 600;
let takenAt = -Infinity;
/** @type {typeof import("./composer/deleting.js") | undefined} */
let deleting;

/** Handles every button of the form, including those of the history, unless it leads to another page.
 *  @type {(event: Submitted) => void} */
function submit(event) {
  const pressed = event.submitter ?? button;
  // To another page.
  if (pressed.formTarget) return;
  event.preventDefault();
  if (pressed.matches("[data-delete-entry]")) hideEntry(pressed);
  else if (pressed.matches("[data-discard]")) askBeforeDiscarding();
  else if (pressed.matches("[data-older]")) send(pressed, takeOlderEntries);
  else if (pressed.hasAttribute("formaction")) send(pressed, takeAnswer);
  else post();
}

/** Deletes an entry, with a script that is loaded when needed.
 *  @type {(pressed: PageElement) => Promise<void>} */
async function hideEntry(pressed) {
  try {
    deleting = await import("./composer/deleting.js");
    deleting.hideForUndo(pressed, takeRefusal);
  } catch {
    showProblem(null, pressed);
  }
}

/* Posting */

/** Sends the form and shows the outcome; does nothing while the form is being sent. */
async function post() {
  if (button.disabled || form.hasAttribute("data-busy") || isSecondPress()) return;
  stopKeeping();
  const sent = new FormData(/** @type {any} */ (form));
  setBusy(true);
  const page = await request(form.action, sent);
  setBusy(false);
  take(page, sent, takeAnswer, form);
}

/** Whether a press is the second half of a double click, which may find the form emptied by a quick answer. */
function isSecondPress() {
  return performance.now() - takenAt < doublePressMilliseconds && words.every((field) => field.value === "");
}

/** Handles the other buttons of the form.
 *  @type {(pressed: PageElement, taking: Taking) => Promise<void>} */
async function send(pressed, taking) {
  if (pressed.ariaDisabled === "true") return;
  pressed.ariaDisabled = "true";
  const sent = new FormData(/** @type {any} */ (form), pressed);
  const page = await request(pressed.formAction, sent);
  pressed.ariaDisabled = "false";
  take(page, sent, taking, pressed);
}

/** Passes on the answer if it is a composer; `place` is where the person was when they asked.
 *  @type {(page: Page | null, sent: FormData, taking: Taking, place: PageElement) => void} */
function take(page, sent, taking, place) {
  if (isComposer(page)) taking(page, sent, place);
  else showProblem(page, place);
  keepSoon();
}

/** Shows why an entry was not deleted.
 *  @type {TakingIfAny} */
function takeRefusal(page, sent, entry) {
  take(page, sent, takeAnswer, entry);
}

/** Shows that the form is being sent.
 *  @type {(isBusy: boolean) => void} */
function setBusy(isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  button.ariaDisabled = String(isBusy);
  button.textContent = isBusy ? button.dataset.busyWords : button.dataset.words;
}

/** Takes over the server's changes and leaves the rest of the page as it is.
 *  @type {Taking} */
function takeAnswer(page, sent, place) {
  const kind = takeOutcome(page);
  takeKeys(page, sent);
  takeErrors(page);
  takeHistory(page);
  for (const part of page.querySelectorAll("[data-slot^=taken]")) slot(document, part.dataset.slot)?.replaceChildren(...part.children);
  if (kind === "posted") tellCard();
  if (sent.has("entry") && kind !== "inserted") focusFrom(place, outcome());
  else settleWords(page, sent, kind, place);
}

/** After posting or discarding, updates the fields and moves the focus.
 *  @type {(page: Page, sent: FormData, kind: string | undefined, place: PageElement) => void} */
function settleWords(page, sent, kind, place) {
  if (kind === "inserted") return takeTemplate(page, sent, place);
  const isDone = /** @type {unknown[]} */ (["posted", "queued", "discarded"]).includes(kind) && !outcome()?.hasAttribute("data-keeps-words");
  if (isDone) clearSent(page, sent);
  const invalid = form.querySelector("[aria-invalid=true]");
  const field = invalid?.querySelector("input[type=radio]:checked, input[type=radio]") ?? invalid;
  focusFrom(place, isDone ? title : (kind === "invalid" && field) || outcome());
}

/** Takes over the session, and the key of the next entry unless another answer to the same form already brought one.
 *  @type {(page: Page, sent: FormData) => void} */
function takeKeys(page, sent) {
  const isSame = form.elements.form_key.value === sent.get("form_key");
  for (const field of form.querySelectorAll("input[type=hidden]")) {
    if (field.name === "form_key" && !isSame) continue;
    if (field.name === "related") continue;
    const answered = page.querySelector(`form[data-composer] input[type=hidden][name="${field.name}"]`)?.value;
    field.value = field.name === "corrects" ? (answered ?? "") : answered || field.value;
  }
}

/** Shows what the server says about each field.
 *  @type {(page: Page) => void} */
function takeErrors(page) {
  for (const error of form.querySelectorAll("[data-error-for]")) {
    const name = error.dataset.errorFor;
    error.textContent = page.getElementById(error.id)?.textContent ?? "";
    form.querySelector(`#${name}`)?.setAttribute("aria-invalid", String(error.textContent !== ""));
  }
}

/** Empties the fields for the next entry, except those in which somebody has typed since.
 *  @type {(page: Page, sent: FormData) => void} */
function clearSent(page, sent) {
  takenAt = performance.now();
  for (const field of words) {
    if (field.value === sent.get(field.name)) field.value = "";
    count(field);
  }
  takeExtras(page, sent);
  takeIcon(page, sent);
  form.querySelector("[data-kept]")?.remove();
  beginAnew();
  showPreview();
}

/** Takes over what a template has filled in, and focuses the title; what was typed or chosen meanwhile stays.
 *  @type {Taking} */
function takeTemplate(page, sent, place) {
  for (const field of words) {
    const filled = /** @type {PageElement} */ (page.getElementById(field.id)).value;
    const come = filled.slice(/** @type {string} */ (sent.get(field.name)).trim().length).trim();
    if (field.value === sent.get(field.name)) field.value = filled;
    else if (field === text && come) field.value = `${field.value.trimEnd()}\n${come}`;
    count(field);
  }
  takeExtras(page, sent);
  takeIcon(page, sent);
  showPreview();
  focusFrom(place, title);
}

/** Takes over what else is in the form of the server's page, unless somebody has changed it since.
 *  @type {(page: Page, sent: FormData) => void} */
function takeExtras(page, sent) {
  for (const field of extras) {
    const isBox = field.type === "checkbox";
    if (valueOf(field) !== (sent.getAll(field.name).find((one) => !isBox || one === field.value) ?? false)) continue;
    const own = isBox ? `[value="${field.value}"]` : "";
    const answered = page.querySelector(`form[data-composer] [name="${field.name}"]${own}`);
    const value = answered?.value ?? "";
    if (isBox) field.checked = Boolean(answered);
    else field.value = value;
    if (value) field.closest("details")?.setAttribute("open", "");
  }
}

/** Chooses the icon that the server's page has chosen, unless somebody has chosen another since.
 *  @type {(page: Page, sent: FormData) => void} */
function takeIcon(page, sent) {
  if (form.querySelector("input[name=icon]:checked")?.value !== (sent.get("icon") ?? undefined)) return;
  const code = page.querySelector("input[name=icon]:checked")?.value;
  for (const radio of form.querySelectorAll("input[name=icon]")) radio.checked = code ? radio.value === code : radio.checked;
  document.dispatchEvent(new CustomEvent("logbook:chosen"));
}

/** Shows the older entries, or what became of asking for them.
 *  @type {Taking} */
function takeOlderEntries(page, sent, place) {
  if (page.querySelector("[data-outcome]")) takeAnswer(page, sent, place);
  else takeOlder(page, place);
}

/* Typing */

/** Updates everything that depends on the typed text.
 *  @type {(event: Sent<Event>) => void} */
function typed(event) {
  if (extras.includes(event.target)) return chosen();
  if (!words.includes(event.target)) return;
  count(event.target);
  showPreview();
  noteKept(false);
  keepSoon();
}

/** Posts on Ctrl+Enter or Cmd+Enter anywhere in the form; Escape discards after a question.
 *  @type {(event: Sent<KeyboardEvent>) => void} */
function press(event) {
  if (event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape" && isTyped() && form.querySelector("[data-discard]")) {
    event.preventDefault();
    askBeforeDiscarding();
  }
}

/** Saves a draft after an icon was chosen. */
function chosen() {
  showIcon();
  showPreview();
  noteKept(false);
  keepSoon();
}

/** Asks before discarding what is typed, unless the form is empty. */
function askBeforeDiscarding() {
  if (!isTyped()) return title.focus();
  // The frame is as high as its content, so its middle may be far out of sight.
  const place = /** @type {Element} */ (document.activeElement).getBoundingClientRect().top;
  ask.showModal();
  ask.style.marginBlock = `${Math.max(16, Math.min(place, innerHeight - ask.offsetHeight - 16))}px auto`;
  ask.scrollIntoView({ block: "nearest" });
}

/** Discards the form, if that was the answer. */
function takeDecision() {
  if (ask.returnValue === "discard") {
    stopKeeping();
    title.focus();
    send(/** @type {PageElement} */ (form.querySelector("[data-discard]")), takeAnswer);
  }
  ask.returnValue = "";
}

/** When the card is closed, saves the draft and deletes hidden entries without waiting, even for the answer to a post. */
function finish() {
  keepNow();
  deleting?.deleteNow();
}

form.addEventListener("submit", submit);
form.addEventListener("keydown", press);
form.addEventListener("input", typed);
form.addEventListener("change", chosen);
ask?.addEventListener("close", takeDecision);
window.addEventListener("pagehide", finish);
document.addEventListener("visibilitychange", () => document.hidden && keep());
document.addEventListener("error", (event) => replacePicture(event.target), true);
document.addEventListener("logbook:chosen", showIcon);
if (preview) new ResizeObserver(showPreview).observe(preview);
for (const picture of document.images) if (picture.complete && !picture.naturalWidth) replacePicture(picture);
for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
words.forEach(count);
showPreview();
keepSoon();
