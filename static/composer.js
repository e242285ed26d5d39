/**
 * Posts an entry without leaving the page. Without this script the same form does the same by a plain POST.
 * No word that was typed is ever taken away before the server has said that it has it.
 */

const form = document.querySelector("form[data-composer]");
const button = form.querySelector("button[type=submit]");
const words = [...form.querySelectorAll("[data-limit]")];
const doublePressMilliseconds = 600;
let takenAt = -Infinity;

/** Finds a part of a page that answers may replace. */
const slot = (page, name) => page.querySelector(`[data-slot="${name}"]`);

/** Sends the form and shows what came of it; a second press while the first is under way does nothing. */
async function post(event) {
  event.preventDefault();
  if (button.disabled || form.hasAttribute("data-busy") || isSecondPress()) return;
  const sent = new FormData(form);
  setBusy(true);
  const page = await ask(sent);
  setBusy(false);
  if (page?.querySelector("form[data-composer]")) takeAnswer(page, sent);
  else showProblem(page);
}

/** Tells the second half of a double press, which finds the form emptied by a quick answer to the first. */
function isSecondPress() {
  return performance.now() - takenAt < doublePressMilliseconds && words.every((field) => field.value === "");
}

/** Returns the answer as a document, or null when there was none; the form key stays, so trying again is safe. */
async function ask(sent) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent), credentials: "omit" });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}

/** Shows that the form is under way. */
function setBusy(isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  button.setAttribute("aria-disabled", String(isBusy));
  button.textContent = isBusy ? button.dataset.busyWords : button.dataset.words;
}

/** Takes over what the server's page says and leaves the rest as it is. */
function takeAnswer(page, sent) {
  const kind = page.querySelector("[data-outcome]")?.dataset.outcome;
  slot(document, "outcome").replaceChildren(...slot(page, "outcome").children);
  button.disabled = page.querySelector("form[data-composer] button[type=submit]").disabled;
  takeKeys(page);
  takeErrors(page);
  takeHistory(page);
  if (kind === "posted" || kind === "queued") clearSent(page, sent);
  if (kind === "posted") document.dispatchEvent(new CustomEvent("logbook:posted"));
  moveFocus(kind);
}

/** Takes the session and the key of the next entry. */
function takeKeys(page) {
  for (const field of form.querySelectorAll("input[type=hidden]")) {
    field.value = page.querySelector(`form[data-composer] input[type=hidden][name="${field.name}"]`)?.value || field.value;
  }
}

/** Shows what the server says about each field. */
function takeErrors(page) {
  for (const error of form.querySelectorAll("[data-error-for]")) {
    const name = error.dataset.errorFor;
    error.textContent = page.getElementById(error.id)?.textContent ?? "";
    form.querySelector(`#${name}`)?.setAttribute("aria-invalid", String(error.textContent !== ""));
  }
}

/** Puts what is new, or still waiting, on top of the entries shown; none that the portal knows is lost. */
function takeHistory(page) {
  const next = slot(page, "history");
  const now = slot(document, "history");
  const list = next?.querySelector("ol");
  if (!next || (!list && now.querySelector("ol"))) return;
  const shown = [...now.querySelectorAll("[data-entry-id]")];
  const newest = Math.max(0, ...shown.map(entryId));
  const come = [...(list?.children ?? [])].filter((entry) => entryId(entry) > newest);
  for (const entry of come) entry.classList.toggle("is-new", "entryId" in entry.dataset);
  list?.replaceChildren(...come, ...shown);
  now.replaceWith(next);
}

/** Returns the portal's number of an entry; one that has none yet is newer than any. */
function entryId(entry) {
  return Number(entry.dataset.entryId ?? Infinity);
}

/** Empties the fields for the next entry, except those in which somebody has typed since. */
function clearSent(page, sent) {
  takenAt = performance.now();
  for (const field of words) {
    if (field.value === sent.get(field.name)) field.value = "";
    count(field);
  }
  const code = page.querySelector("input[name=icon]:checked")?.value;
  for (const radio of form.querySelectorAll("input[name=icon]")) radio.checked = code ? radio.value === code : radio.checked;
  nameChosen();
}

/** Goes where the next thing is to be done. */
function moveFocus(kind) {
  const invalid = form.querySelector("[aria-invalid=true]");
  const target = kind === "posted" || kind === "queued" ? words[0] : slot(document, "outcome").firstElementChild;
  const field = invalid?.querySelector("input") ?? invalid;
  (kind === "invalid" && field ? field : target)?.focus();
}

/** Says in words that there was no answer, or what a page that is no composer has to say. */
function showProblem(page) {
  const notice = document.getElementById("no-answer").content.cloneNode(true);
  for (const part of page?.querySelectorAll("[data-part]") ?? []) {
    notice.querySelector(`[data-part="${part.dataset.part}"]`).textContent = part.textContent;
  }
  slot(document, "outcome").replaceChildren(notice);
  moveFocus("none");
}

/** Counts as the server does: code points, without the space around them. Shown when the limit is near. */
function count(field) {
  const note = document.getElementById(`${field.id}-count`);
  const used = [...field.value.trim()].length;
  const limit = Number(field.dataset.limit);
  const written = (number) => number.toLocaleString(document.documentElement.lang);
  note.hidden = used < limit * 0.8;
  note.classList.toggle("is-over", used > limit);
  note.textContent = note.dataset.words.replace("{count}", written(used)).replace("{limit}", written(limit));
}

/** Writes the chosen icon's name beside the legend. */
function nameChosen() {
  const name = form.querySelector("input[name=icon]:checked")?.closest("label").title ?? "";
  const note = form.querySelector("[data-chosen]");
  if (!note) return;
  note.textContent = name;
  note.hidden = name === "";
}

/** Shows the neutral glyph where the portal's own picture did not arrive. */
function replacePicture(picture) {
  if (!picture.matches?.("img[data-picture]")) return;
  picture.replaceWith(document.getElementById("neutral-glyph").content.cloneNode(true));
}

/** Posts by Ctrl+Enter or Cmd+Enter from anywhere in the form. */
function postByKey(event) {
  if (event.key !== "Enter" || event.repeat || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
}

form.addEventListener("submit", post);
form.addEventListener("keydown", postByKey);
form.addEventListener("input", (event) => event.target.dataset.limit && count(event.target));
form.addEventListener("change", nameChosen);
document.addEventListener("error", (event) => replacePicture(event.target), true);
for (const picture of document.images) if (picture.complete && !picture.naturalWidth) replacePicture(picture);
for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
words.forEach(count);
nameChosen();
