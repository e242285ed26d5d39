/**
 * The settings: shows that a form is being sent, prevents double submits, and asks before unsaved text is lost. There is
 * no question when the portal closes its slider: a frame gets no event before it is removed from its page.
 */

const savable = document.querySelector("form[data-unsaved]");
// A form that the server returned unsaved always counts as changed.
const saved = savable?.dataset.unsaved === "yes" ? null : wordsNow();
/** @type {PageElement | null} */
let sent = null;

/** Returns the content of the section's form, as one string to compare. */
function wordsNow() {
  if (!savable) return "";
  return JSON.stringify([...new FormData(/** @type {any} */ (savable))].map(([name, value]) => [name, value instanceof File ? value.name : value]));
}

/** Keeps a second press from sending the same form again.
 *  @type {(event: Submitted) => void} */
function begin(event) {
  // A download leaves the page as it is.
  if (event.submitter?.hasAttribute("data-download")) return;
  const form = event.target;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  const button = event.submitter;
  sent = form;
  form.setAttribute("data-busy", "");
  if (!button?.dataset.busyWords) return;
  button.ariaDisabled = "true";
  button.dataset.words = button.textContent;
  button.textContent = button.dataset.busyWords;
}

/** Lets a page that was restored from the browser's cache, or not left after all, be submitted again. */
function recover() {
  sent = null;
  for (const form of document.querySelectorAll("form[data-busy]")) form.removeAttribute("data-busy");
  for (const button of document.querySelectorAll("button[data-words]")) {
    button.ariaDisabled = "false";
    button.textContent = button.dataset.words;
  }
}

/** Has the browser ask, with its own text, whether to leave unsaved changes.
 *  @type {(event: Event) => void} */
function warn(event) {
  if (sent === savable || wordsNow() === saved) return;
  event.preventDefault();
  setTimeout(recover);
}

document.addEventListener("submit", begin);
window.addEventListener("pageshow", recover);
window.addEventListener("beforeunload", warn);
document.querySelector("[data-outcome]")?.focus();
