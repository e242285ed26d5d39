/**
 * Posts entries and works with those that stand there, without leaving the page. Without this script the same form
 * does the same by plain POSTs. No word that was typed is ever taken away before the server has said that it has it.
 */

const form = document.querySelector("form[data-composer]");
const button = form.querySelector(".form-end [data-words]");
const words = [...form.querySelectorAll("[data-limit]")];
const [title, text] = words;
const ask = document.getElementById("ask");
const preview = form.querySelector("[data-preview]");
const doublePressMilliseconds = 600;
const undoMilliseconds = 6000;
const draftMilliseconds = 1000;
const againMilliseconds = 10_000;
// Browsers send at most 64 KiB after a page has been closed.
const keepaliveBytes = 50_000;
const hiddenForUndo = new Map();
const signs = new Map();
let takenAt = -Infinity;
let draftTimer = 0;
let keptWords = wordsNow();
let keeping = new AbortController();

/** Finds a part of a page that answers may replace. */
const slot = (page, name) => page.querySelector(`[data-slot="${name}"]`);

/** Returns what is typed and which icon is chosen, as one string to compare. */
function wordsNow() {
  return JSON.stringify([...words.map((field) => field.value), iconNow()]);
}

function iconNow() {
  return form.querySelector("input[name=icon]:checked")?.value;
}

const isTyped = () => words.some((field) => field.value.trim() !== "");
const isKeepable = () => isTyped() || iconNow() !== form.elements.first_icon?.value;

/** Every button of the form comes by here, those beside the entries of the history, too. */
function submit(event) {
  event.preventDefault();
  const pressed = event.submitter ?? button;
  if (pressed.matches("[data-delete-entry]")) hideForUndo(pressed);
  else if (pressed.matches("[data-discard]")) askBeforeDiscarding();
  else if (pressed.matches("[data-older]")) send(pressed, takeOlder);
  else if (pressed.hasAttribute("formaction")) send(pressed, takeAnswer);
  else post();
}

/* Posting */

/** Sends the form and shows what came of it; a second press while the first is under way does nothing. */
async function post() {
  if (button.disabled || form.hasAttribute("data-busy") || isSecondPress()) return;
  stopKeeping();
  const sent = new FormData(form);
  setBusy(true);
  const page = await request(form.action, sent);
  setBusy(false);
  take(page, sent, takeAnswer, form);
}

/** Tells the second half of a double press, which finds the form emptied by a quick answer to the first. */
function isSecondPress() {
  return performance.now() - takenAt < doublePressMilliseconds && words.every((field) => field.value === "");
}

/** Does what another button of the form says. */
async function send(pressed, taking) {
  if (pressed.ariaDisabled === "true") return;
  pressed.ariaDisabled = "true";
  const sent = new FormData(form, pressed);
  const page = await request(pressed.formAction, sent);
  pressed.ariaDisabled = "false";
  take(page, sent, taking, pressed);
}

/** Returns the answer as a document, or null when there was none; the form key stays, so trying again is safe. */
async function request(address, sent) {
  try {
    const body = new URLSearchParams(sent);
    // The page is here already: the answer may tell no more than what changes.
    const headers = { "X-Answer": "parts" };
    return await read(await fetch(address, { method: "POST", body, headers, credentials: "omit" }));
  } catch {
    return null;
  }
}

/** Returns what an answer says as a document. */
async function read(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const isComposer = (page) => Boolean(page?.querySelector("form[data-composer]"));

/** Gives the answer to whom it is for, if it is a composer at all; `place` is where the person was when he asked. */
function take(page, sent, taking, place) {
  if (isComposer(page)) taking(page, sent, place);
  else showProblem(page, place);
  keepSoon();
}

/** Moves the focus from there, unless somebody has gone to something else while the answer was on its way. */
function focusFrom(place, element) {
  const now = document.activeElement;
  if (!element || !(now === document.body || place.contains(now))) return;
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}

/** Shows that the form is under way. */
function setBusy(isBusy) {
  form.toggleAttribute("data-busy", isBusy);
  button.ariaDisabled = String(isBusy);
  button.textContent = isBusy ? button.dataset.busyWords : button.dataset.words;
}

/* Answers */

/** Takes over what the server's page says and leaves the rest as it is. */
function takeAnswer(page, sent, place) {
  const kind = takeOutcome(page);
  takeKeys(page, sent);
  takeErrors(page);
  takeHistory(page);
  slot(document, "drafts")?.replaceChildren(...(slot(page, "drafts")?.children ?? []));
  if (kind === "posted") tellCard();
  if (sent.has("entry") && kind !== "inserted") focusFrom(place, outcome());
  else settleWords(page, sent, kind, place);
}

/** Shows what has become of it, and returns that as a word. */
function takeOutcome(page) {
  slot(document, "outcome").replaceChildren(...slot(page, "outcome").children);
  button.disabled = page.querySelector("form[data-composer] .form-end [data-words]").disabled;
  return outcome()?.dataset.outcome;
}

function outcome() {
  return slot(document, "outcome").firstElementChild;
}

/** Lets the card around the tab show what has changed. */
function tellCard() {
  document.dispatchEvent(new CustomEvent("logbook:changed"));
}

/** After posting or throwing away: the words go where they belong, and so does the focus. */
function settleWords(page, sent, kind, place) {
  if (kind === "inserted") return takeTemplate(page, sent, place);
  const isDone = ["posted", "queued", "discarded"].includes(kind) && !outcome().hasAttribute("data-keeps-words");
  if (isDone) clearSent(page, sent);
  const invalid = form.querySelector("[aria-invalid=true]");
  const field = invalid?.querySelector("input[type=radio]:checked, input[type=radio]") ?? invalid;
  focusFrom(place, isDone ? title : (kind === "invalid" && field) || outcome());
}

/** Takes the session, and the key of the next entry unless another answer, to the same form, has brought one already. */
function takeKeys(page, sent) {
  const isSame = form.elements.form_key.value === sent.get("form_key");
  for (const field of form.querySelectorAll("input[type=hidden]")) {
    if (field.name === "form_key" && !isSame) continue;
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

/** Puts what is not shown yet, or still waits, among the entries shown; none that the portal knows is lost. */
function takeHistory(page) {
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

/** Empties the fields for the next entry, except those in which somebody has typed since. */
function clearSent(page, sent) {
  takenAt = performance.now();
  for (const field of words) {
    if (field.value === sent.get(field.name)) field.value = "";
    count(field);
  }
  takeIcon(page, sent);
  form.querySelector("[data-kept]")?.remove();
  keptWords = isTyped() ? "" : wordsNow();
  noteKept(false);
  showPreview();
}

/** Takes over what a template has filled in, and goes to the title; what was typed or chosen meanwhile stays. */
function takeTemplate(page, sent, place) {
  for (const field of words) {
    const filled = page.getElementById(field.id).value;
    const come = filled.slice(sent.get(field.name).trim().length).trim();
    if (field.value === sent.get(field.name)) field.value = filled;
    else if (field === text && come) field.value = `${field.value.trimEnd()}\n${come}`;
    count(field);
  }
  takeIcon(page, sent);
  showPreview();
  focusFrom(place, title);
}

/** Chooses the icon that the server's page has chosen, unless somebody has chosen another since. */
function takeIcon(page, sent) {
  if (form.querySelector("input[name=icon]:checked")?.value !== (sent.get("icon") ?? undefined)) return;
  const code = page.querySelector("input[name=icon]:checked")?.value;
  for (const radio of form.querySelectorAll("input[name=icon]")) radio.checked = code ? radio.value === code : radio.checked;
  document.dispatchEvent(new CustomEvent("logbook:chosen"));
}

/** Says in words that there was no answer, or what a page that is no composer has to say. */
function showProblem(page, place) {
  const notice = document.getElementById("no-answer").content.cloneNode(true);
  if (place !== form) notice.querySelector("[data-part=advice]").textContent = "";
  for (const part of page?.querySelectorAll("[data-part]") ?? []) {
    const place = notice.querySelector(`[data-part="${part.dataset.part}"]`);
    if (place) place.textContent = part.textContent;
  }
  slot(document, "outcome").replaceChildren(notice);
  focusFrom(place, outcome());
}

/* Entries that stand there */

/** Appends the older entries that are not shown yet and goes to the first of them. */
function takeOlder(page, sent, place) {
  const now = slot(document, "history");
  const list = now.querySelector("ol");
  const shown = new Set([...list.children].map((entry) => entry.dataset.entryId));
  const come = [...page.querySelectorAll("[data-slot=history] [data-entry-id]")].filter((entry) => !shown.has(entry.dataset.entryId));
  const more = page.querySelector("[data-older]");
  const end = page.querySelector(".history-end");
  if (page.querySelector("[data-outcome]")) return takeAnswer(page, sent, place);
  list.append(...come);
  if (more) place.value = more.value;
  else place.replaceWith(end ?? "");
  focusFrom(place, come[0]?.querySelector("[data-part=title]") ?? end);
}

/** Takes an entry out of sight; the portal is told only when nobody has wanted it back for some seconds. */
function hideForUndo(pressed) {
  const entry = pressed.closest("li");
  const undo = document.getElementById("undo").content.firstElementChild.cloneNode(true);
  entry.hidden = true;
  entry.after(undo);
  const timer = setTimeout(() => remove(pressed.value), undoMilliseconds);
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
async function remove(number) {
  const { entry, undo } = hiddenForUndo.get(number);
  const sent = new FormData(form);
  sent.set("entry", number);
  undo.querySelector("button").remove();
  const page = await request(form.dataset.delete, sent);
  hiddenForUndo.delete(number);
  undo.remove();
  if (page?.querySelector("[data-outcome=deleted]")) return takeDeletion(page, entry);
  entry.hidden = false;
  take(page, sent, takeAnswer, entry);
}

function takeDeletion(page, entry) {
  takeOutcome(page);
  entry.remove();
  sayIfEmpty();
  tellCard();
  focusFrom(entry, document.getElementById("history-heading"));
}

/** A heading above nothing helps nobody. */
function sayIfEmpty() {
  const now = slot(document, "history");
  const list = now.querySelector("ol");
  if (list.children.length > 0 || now.querySelector("[data-older], .notice")) return;
  now.querySelector(".history-end")?.remove();
  list.replaceWith(document.getElementById("nothing-yet").content.cloneNode(true));
}

/* Drafts */

/** Keeps what is typed a moment after the last key. */
function keepSoon() {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keep, draftMilliseconds);
}

/** Tells the server what stands in the form, if it has changed; what was not kept is tried again later. */
async function keep() {
  stopKeeping();
  const now = wordsNow();
  if (now === keptWords || !form.dataset.drafts || form.hasAttribute("data-busy")) return;
  const { signal } = keeping;
  const answer = await tellWords(new URLSearchParams(new FormData(form)), { signal });
  if (signal.aborted) return;
  if (answer?.status === 204) keptWords = now;
  noteKept(isKeepable() && wordsNow() === keptWords);
  if (answer?.status === 204) return;
  const page = answer && (await read(answer).catch(() => null));
  if (isComposer(page)) stopForGood(page);
  else if (!signal.aborted) draftTimer = setTimeout(keep, againMilliseconds);
}

/** Sends the words, and forgets what the server had until it answers. */
function tellWords(body, how) {
  keptWords = "";
  return fetch(form.dataset.drafts, { method: "POST", body, credentials: "omit", ...how }).catch(() => null);
}

/** Nobody can tell any more whose words these are: the page of the server says so, and what to do. */
function stopForGood(page) {
  delete form.dataset.drafts;
  takeOutcome(page);
}

/** A post has the same words and more authority, and so have later words. */
function stopKeeping() {
  clearTimeout(draftTimer);
  keeping.abort();
  keeping = new AbortController();
}

/** Says whether what stands in the form is kept, and nothing that has been said already. */
function noteKept(isKept) {
  const note = form.querySelector("[data-saved]");
  const words = isKept ? note.dataset.words : "";
  if (note.textContent !== words) note.textContent = words;
}

/** The card is being closed: nothing waits any longer, not even for the answer to a post, which may never come. */
function finish() {
  stopKeeping();
  if (form.dataset.drafts && wordsNow() !== keptWords) {
    // As it stands, for percent signs would make thrice as much of it.
    const words = new FormData(form);
    tellWords(words, { keepalive: new Blob([...words.values()]).size < keepaliveBytes });
  }
  for (const [number, { timer }] of hiddenForUndo) {
    clearTimeout(timer);
    const body = new URLSearchParams({ session: form.elements.session.value, entry: number });
    fetch(form.dataset.delete, { method: "POST", body, credentials: "omit", keepalive: true });
  }
  hiddenForUndo.clear();
}

/** Asks before throwing away what is typed; an empty form has nothing to ask about. */
function askBeforeDiscarding() {
  if (!isTyped()) return title.focus();
  // The frame is as high as its content, so its middle may be far out of sight.
  const place = document.activeElement.getBoundingClientRect().top;
  ask.showModal();
  ask.style.marginBlock = `${Math.max(16, Math.min(place, innerHeight - ask.offsetHeight - 16))}px auto`;
  ask.scrollIntoView({ block: "nearest" });
}

/** Throws away, if that was the answer. */
function takeDecision() {
  if (ask.returnValue === "discard") {
    stopKeeping();
    title.focus();
    send(form.querySelector("[data-discard]"), takeAnswer);
  }
  ask.returnValue = "";
}

/* Preview: the rules are those of services/delivery/display.py */

/** Decodes entities once, and makes one space of every run of white space. */
function asShown(typed) {
  return decode(typed).split(/\s+/).filter(Boolean).join(" ");
}

function decode(typed) {
  return typed.replace(/&#?\w+;?/g, (written) => signs.get(written) ?? learn(written));
}

/** Has the browser read one entity, once. */
function learn(written) {
  signs.set(written, new DOMParser().parseFromString(written, "text/html").documentElement.textContent);
  return signs.get(written);
}

/** Shows the entry as the timeline will, and what the timeline will not show. */
function showPreview() {
  if (!preview) return;
  fill("title", asShown(title.value), preview.dataset.emptyTitle);
  fill("text", asShown(text.value), preview.dataset.emptyText);
  const both = `${title.value}\n${text.value}`;
  const heading = preview.querySelector("[data-part=title]");
  const losses = {
    cut: heading.scrollWidth > heading.clientWidth,
    breaks: text.value.trim().includes("\n"),
    entities: decode(both) !== both,
    markup: /<\/?[a-z][^<>]*>|\[\/?[a-z*][^[\]]*\]/i.test(both),
    links: /https?:\/\/|www\./i.test(both),
  };
  for (const hint of form.querySelectorAll("[data-loss]")) hint.hidden = !losses[hint.dataset.loss];
}

function fill(part, words, whenEmpty) {
  const place = preview.querySelector(`[data-part=${part}]`);
  place.textContent = words || whenEmpty;
  place.classList.toggle("is-empty", words === "");
  if (part === "title") place.title = words;
}

/** An icon is chosen: that alone is worth keeping, too. */
function chosen() {
  showIcon();
  noteKept(false);
  keepSoon();
}

/** Shows the chosen icon in the preview's circle. */
function showIcon() {
  const tile = form.querySelector("input[name=icon]:checked")?.closest("label");
  const place = preview?.querySelector("[data-part=icon]");
  if (!tile || !place) return;
  place.replaceChildren(tile.querySelector("svg, img").cloneNode(true));
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", tile.title);
  place.classList.remove("entry-icon-none");
}

/* Typing */

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

/** Everything that follows a change of the words. */
function typed(event) {
  if (!words.includes(event.target)) return;
  count(event.target);
  showPreview();
  noteKept(false);
  keepSoon();
}

/** Ctrl+Enter or Cmd+Enter posts from anywhere in the form; Escape asks before it throws away. */
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

/** Shows the neutral glyph where the portal's own picture did not arrive. */
function replacePicture(picture) {
  if (!picture.matches?.("img[data-picture]")) return;
  picture.replaceWith(document.getElementById("neutral-glyph").content.cloneNode(true));
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
