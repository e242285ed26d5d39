/**
 * The composer in the portal's own interface. This page is hidden: the portal draws a form above the timeline, and sends
 * what is typed and pressed there. Errors are drawn as well, since nobody can see our page.
 */

import { send } from "./frame.js";
import { askPortal, callOf } from "./portal_call.js";

const timeoutMilliseconds = 60_000;
const draftMilliseconds = 1000;
const longestPauseMilliseconds = 60_000;
const doublePressMilliseconds = 600;
// Browsers send at most 64 KiB after a page has been closed.
const keepaliveBytes = 50_000;

const page = document.querySelector("[data-drawing]");
/** @type {FirstDrawing} */
const start = JSON.parse(page.dataset.drawing);
const { words, addresses, marks } = start;
const fieldName = (/** @type {string} */ id) => id.split("-")[0];
/** @type {DrawnForm} */
let shown = { ...start, blocks: start.blocks ?? {} };
let isBusy = false;
let isNoticed = Boolean(start.notice);
let takenAt = -Infinity;
let draftTimer = 0;
let isUnkept = false;
let isKeptShown = false;
let edits = 0;
let failures = 0;
let keeping = new AbortController();

/* Drawing */

/** Has the portal draw the form, with both buttons, since one that is left out would stay unchanged. */
function draw() {
  /** @type {Blocks} */
  const notice = shown.notice ? { notice: shown.notice } : {};
  const blocks = { ...notice, ...shown.blocks };
  isNoticed = Boolean(shown.notice);
  isKeptShown = false;
  send("setLayout", { blocks: withPlain(blocks), ...buttons("normal") }, hearOfDrawing);
}

const withPlain = (/** @type {Blocks} */ blocks) => (Object.keys(blocks).length > 0 ? blocks : { plain: start.plain });

/** @type {(state: "normal" | "disabled", first?: string) => Record<"primaryButton" | "secondaryButton", object>} */
function buttons(state, first = words[shown.again]) {
  return { primaryButton: { title: first, state }, secondaryButton: { title: words.close, state } };
}

/** If the portal refuses the form, asks for a single line; if it refuses that, too, closes the area.
 *  @type {(answer: PortalAnswer) => unknown} */
function hearOfDrawing(answer) {
  if (answer?.result !== "error") return;
  if (isSeen()) return page.matches("form") && page.requestSubmit();
  send("setLayout", { blocks: { plain: start.plain }, ...buttons("disabled") }, (/** @type {PortalAnswer} */ second) => {
    if (second?.result === "error") send("finish");
  });
}

/** Whether the portal shows this page after all. */
const isSeen = () => innerHeight > 0 && document.documentElement.clientHeight > 0;

/** Shows that a request is running, and locks the form. */
function setBusy() {
  isBusy = true;
  stopKeeping();
  const { primaryButton, secondaryButton } = buttons("disabled", words.busy);
  send("setPrimaryButtonState", primaryButton);
  send("setSecondaryButtonState", secondaryButton);
  send("lock");
}

/** Shows the server's answer, or that there is none; without a form in the answer, the current one stays.
 *  @type {(answer: DrawnForm | DrawnNotice | null, sent: Partial<Values>) => void} */
function take(answer, sent) {
  isBusy = false;
  /** @type {DrawnForm | DrawnNotice} */
  const told = answer ?? { notice: shown.again === "open" ? start.unopened : start.unanswered };
  if (told.origin) document.body.dataset.portalOrigin = told.origin;
  if (told.blocks) shown = withNewer(told, sent);
  else shown = { ...shown, notice: told.notice, again: told.again ?? shown.again };
  draw();
  send("unlock");
}

/** The answer's form with what has been typed since the request.
 *  @type {(answer: DrawnForm, sent: Partial<Values>) => DrawnForm} */
function withNewer(answer, sent) {
  const values = { ...answer.values };
  for (const name of Object.keys(values)) {
    if (sent[name] !== undefined && shown.values[name] !== sent[name]) values[name] = shown.values[name];
  }
  return withValues(answer, values);
}

/** A drawing with these values in its fields.
 *  @type {(drawing: DrawnForm, values: Values) => DrawnForm} */
function withValues(drawing, values) {
  const blocks = structuredClone(drawing.blocks);
  for (const [id, { properties }] of Object.entries(blocks)) {
    const name = fieldName(id);
    if (name === "title" || name === "text") properties.value = values[name];
    if (name === "picture") setIcon(properties, drawing.pictures, values.icon);
    if (name === "also_on") for (const option of optionsOf(properties)) option.text = marked(option, values.also_on);
  }
  return { ...drawing, values, blocks };
}

/** @type {(properties: BlockProperties, pictures: Record<string, string>, code: string) => void} */
function setIcon(properties, pictures, code) {
  if (!pictures[code]) return;
  properties.imageSrc = pictures[code];
  for (const { properties: choice } of Object.values(properties.blocks)) choice.selectedValue = `.${code}`;
}

/** The properties of the links in a list of options.
 *  @type {(properties: BlockProperties) => BlockProperties[]} */
const optionsOf = (properties) => Object.values(properties.blocks.list.properties.blocks).map((option) => option.properties);

/** @type {(option: BlockProperties, chosen: string[]) => string} */
const marked = ({ text, action }, chosen) => marks[Number(chosen.includes(action.value))] + text.slice(1);

/* Typing */

/** @type {(told: BlockEvent) => unknown} */
function hearValue({ id, value }) {
  const name = fieldName(id);
  if (name === "template") return value.length > 1 && insert(value.slice(1));
  if (name === "icon") chooseIcon(value.slice(1));
  else if (name in shown.values) shown.values[name] = value;
  return typed();
}

/** @type {(code: string) => void} */
function chooseIcon(code) {
  shown.values.icon = code;
  send("setLayoutItemState", { id: "picture", properties: { imageSrc: shown.pictures[code] } });
}

/** Chooses a further card, or cancels that.
 *  @type {(told: BlockEvent) => void} */
function hearOption({ id, value }) {
  const { also_on: chosen } = shown.values;
  shown.values.also_on = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
  const option = /** @type {BlockProperties} */ (optionsOf(shown.blocks.also_on.properties).find(({ action }) => action.value === value));
  option.text = marked(option, shown.values.also_on);
  send("setLayoutItemState", { id, properties: { text: option.text } });
  typed();
}

/** Hides the notice about the previous entry, and saves the draft a moment later. */
function typed() {
  if (isNoticed && shown.again === "post") send("setLayoutItemState", { id: "notice", visible: false });
  isNoticed = false;
  shown.notice = null;
  isUnkept = true;
  edits += 1;
  failures = 0;
  noteKept(false);
  clearTimeout(draftTimer);
  draftTimer = setTimeout(keep, draftMilliseconds);
}

/* Asking the server */

function formNow(more = {}) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...shown.form, ...shown.values, ...more })) {
    for (const one of [value].flat()) body.append(name, one);
  }
  return body;
}

/** Returns the answer, or null without one; the form key stays, so trying again is safe.
 *  @type {(address: string, body: FormData) => Promise<Drawing | null>} */
async function request(address, body) {
  try {
    const headers = { "X-Answer": "layout" };
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const answer = await fetch(address, { method: "POST", body, headers, credentials: "omit", signal });
    const told = await answer.json();
    return told.kind ? told : null;
  } catch {
    return null;
  }
}

/** Handles the first button; ignores presses during a request, and the second half of a double click. */
function press() {
  if (isBusy) return;
  if (shown.again === "open") openAnew();
  else if (performance.now() - takenAt > doublePressMilliseconds || shown.values.title || shown.values.text) post();
}

async function post() {
  setBusy();
  const sent = { ...shown.values };
  const answer = await request(addresses.post, formNow());
  if (/** @type {unknown[]} */ (["posted", "queued"]).includes(answer?.kind)) {
    takenAt = performance.now();
    isUnkept = false;
  }
  take(answer, sent);
}

/** @type {(template: string) => Promise<void>} */
async function insert(template) {
  if (isBusy) return;
  setBusy();
  const sent = { ...shown.values };
  take(await request(addresses.insert, formNow({ template })), sent);
}

/** Opens the form again, as the person that the portal names now; the typed text and its form key stay. */
async function openAnew() {
  setBusy();
  const told = await askPortal("getInitData");
  const pair = told && (await askPortal("refreshAuth"));
  if (!told) return take({ notice: start.outdated, again: "open" }, {});
  const answer = await request(addresses.open, callOf({ ...told, ...pair }));
  return take(answer?.blocks && isTyped() ? withTyped(answer) : answer, {});
}

/** A form that was opened again, with the text of the previous one, which stays if the answer has no form.
 *  @type {(answer: DrawnForm) => DrawnForm | DrawnNotice} */
function withTyped(answer) {
  if (!answer.form.form_key) return { ...answer, blocks: null };
  answer.form.form_key = shown.form.form_key;
  return { ...withValues(answer, { ...answer.values, ...shown.values }), notice: null };
}

const isTyped = () => Boolean(shown.values.title || shown.values.text);

/* Drafts */

/** Saves the draft at the server. After a failure it tries again, with growing pauses, unless the session has expired. */
async function keep() {
  if (!isUnkept || isBusy || !shown.form.session) return;
  stopKeeping();
  const { signal } = keeping;
  const typedSoFar = edits;
  const answer = await tellWords({ signal }).catch(() => null);
  if (signal.aborted || edits > typedSoFar) return;
  isUnkept = answer?.status !== 204;
  noteKept(!isUnkept);
  failures += 1;
  if (isUnkept && answer?.status !== 401) draftTimer = setTimeout(keep, Math.min(draftMilliseconds * 2 ** failures, longestPauseMilliseconds));
}

/** Shows whether the draft is saved, if that has changed.
 *  @type {(isKept: boolean) => void} */
function noteKept(isKept) {
  if (isKept === isKeptShown) return;
  isKeptShown = isKept;
  send("setLayoutItemState", { id: "kept", properties: { value: isKept ? words.kept : "" } });
}

/** @type {(how: RequestInit) => Promise<Response>} */
function tellWords(how) {
  return fetch(addresses.keep, { method: "POST", body: formNow(), credentials: "omit", ...how });
}

/** Cancels a running save: a post or later text replaces it. */
function stopKeeping() {
  clearTimeout(draftTimer);
  keeping.abort();
  keeping = new AbortController();
}

/** When the card is closed, saves an unsaved draft, even if it is being posted. */
function keepNow() {
  if (!isUnkept || !shown.form.session) return;
  isUnkept = false;
  tellWords({ keepalive: new Blob([...formNow().values()]).size < keepaliveBytes }).catch(() => (isUnkept = true));
}

function close() {
  keepNow();
  send("finish");
}

send("bindValueChangeCallback", undefined, hearValue, true);
send("bindLayoutEventCallback", undefined, hearOption, true);
send("bindPrimaryButtonClickCallback", undefined, press, true);
send("bindSecondaryButtonClickCallback", undefined, close, true);
window.addEventListener("pagehide", keepNow);
draw();
