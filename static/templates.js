/**
 * The templates in the settings: moving, previewing, and inserting placeholders. Without this script, the same buttons
 * reload the page.
 */

const editor = document.querySelector("form[data-editor]");
const previewButton = editor?.querySelector("button[data-in-place]");
let field = document.getElementById("text");
/** @typedef {{ formAction: string, name: string, value: string, isPressed: boolean }} Asked */
let queue = Promise.resolve();
/** @type {Asked | null} */
let waitingPreview = null;
let isNavigating = false;

/** @type {Slot} */
const slot = (/** @type {any} */ page, /** @type {string} */ name) => page?.querySelector(`[data-slot="${name}"]`);

const formNow = () => editor ?? /** @type {PageElement} */ (slot(document, "template-list"));

/** Requests of buttons that stay on the page run one after the other, each based on the previous answer.
 *  @type {(event: Submitted) => void} */
function submit(event) {
  const pressed = event.submitter;
  isNavigating = !pressed?.hasAttribute("data-in-place");
  if (!pressed || isNavigating) return;
  event.preventDefault();
  event.stopPropagation();
  ask(pressed, true);
}

/** Sends a button's request; requests that nobody pressed a button for may fail silently.
 *  @type {(button: PageElement, isPressed?: boolean) => void} */
function ask(button, isPressed = false) {
  // Continuing cancels leaving.
  isNavigating = false;
  if (button === previewButton && waitingPreview) {
    // The form is read when its turn comes.
    waitingPreview.isPressed ||= isPressed;
    return;
  }
  const { formAction, name, value } = button;
  const asked = { formAction, name, value, isPressed };
  if (button === previewButton) waitingPreview = asked;
  queue = queue.then(() => begin(asked)).then((page) => take(page, asked));
}

/** Sends the request whose turn it is.
 *  @type {(asked: Asked) => Promise<Page | null>} */
function begin(asked) {
  if (asked === waitingPreview) waitingPreview = null;
  return request(asked.formAction, asked.name, asked.value);
}

/** @type {(page: Page | null, asked: Asked) => void} */
function take(page, { formAction, name, value, isPressed }) {
  if (isNavigating) return;
  const list = slot(page, "template-list");
  if (page && slot(page, "sample")) takeSample(page);
  else if (page && list) takeList(page, list, name, value);
  else if (isPressed) leave(formAction, name, value);
}

/** Shows the preview and, if other kinds of cards are ticked now, their fields.
 *  @type {(page: Page) => void} */
function takeSample(page) {
  slot(document, "sample")?.replaceChildren(...(slot(page, "sample")?.children ?? []));
  const [now, next] = [slot(document, "fields"), slot(page, "fields")];
  if (now && next && now.textContent?.trim() !== next.textContent?.trim()) now.replaceChildren(...next.children);
  showButtons();
}

/** Returns the answer as a document, or null when there was none.
 *  @type {(address: string, name: string, value: string) => Promise<Page | null>} */
async function request(address, name, value) {
  const body = new URLSearchParams(/** @type {any} */ (new FormData(/** @type {any} */ (formNow()))));
  if (name) body.set(name, value);
  try {
    const answer = await fetch(address, { method: "POST", body, credentials: "omit" });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

/** Shows the list in its current order; the focus stays on the button, or its neighbour at either end.
 *  @type {(page: Page, list: PageElement, name: string, value: string) => void} */
function takeList(page, list, name, value) {
  slot(document, "outcome").replaceChildren(...slot(page, "outcome").children);
  slot(document, "template-list")?.replaceWith(list);
  const pressed = formNow().querySelector(`button[name="${name}"][value="${CSS.escape(value)}"]`);
  const free = pressed?.disabled ? pressed.parentElement?.querySelector(`button[name="${name}"]:enabled`) : pressed;
  (free ?? slot(document, "outcome").firstElementChild)?.focus();
}

/** Any other page has a message: it is requested again as a page of its own.
 *  @type {(address: string, name: string, value: string) => void} */
function leave(address, name, value) {
  const form = formNow();
  if (name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  form.action = address;
  form.requestSubmit();
}

/** Inserts a placeholder at the last position of the caret.
 *  @type {(event: Sent<Event>) => void} */
function put(event) {
  const pressed = event.target.closest("[data-placeholder], [data-insert-field]");
  if (!pressed) return;
  const placeholder = pressed.dataset.placeholder ?? editor?.querySelector("[data-field]")?.value ?? "";
  field.setRangeText(placeholder, field.selectionStart, field.selectionEnd, "end");
  field.focus();
  preview();
}

/** Updates the preview. */
function preview() {
  if (previewButton) ask(previewButton);
}

/** @type {(event: Sent<Event>) => void} */
function remember(event) {
  if (event.target.matches("[data-fillable]")) field = event.target;
}

/** Choosing a field does not count as a change.
 *  @type {(event: Sent<Event>) => void} */
function changed(event) {
  if (!event.target.matches("[data-field]")) preview();
}

// Shown only with this script.
function showButtons() {
  for (const hidden of editor?.querySelectorAll("[data-placeholder], [data-insert-field], [data-with-script]") ?? []) hidden.hidden = false;
}

document.querySelector("main").addEventListener("submit", submit);
window.addEventListener("pageshow", () => (isNavigating = false));
if (editor) {
  editor.addEventListener("click", put);
  editor.addEventListener("focusin", remember);
  editor.addEventListener("change", changed);
  showButtons();
}
