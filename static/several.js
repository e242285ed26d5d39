/**
 * Choosing cards in the portal's own window. Nothing waits for its answer, which may never come; numbers and links work
 * as well, also without this script.
 */

const form = document.querySelector("form[data-several]");
const list = form.querySelector("[data-cards]");
const status = form.querySelector("[data-count]");
/** @type {Record<string, number>} */
const kinds = { lead: 1, deal: 2, contact: 3, company: 4, quote: 7 };
const numberOf = /^(?:\w+_)?([1-9]\d{0,17})$/;
const boxes = () => [...list.querySelectorAll("input")];
/** @type {(box: PageElement) => string} */
const cardOf = (box) => box.value.split(" ", 1)[0];

/** Opens the portal's window, with the current choice. */
function choose() {
  /** @type {Record<string, number[]>} */
  const value = {};
  for (const box of boxes().filter((one) => one.checked)) {
    const [kind, number] = cardOf(box).split("-");
    const name = Object.keys(kinds).find((one) => String(kinds[one]) === kind);
    if (name) (value[name] ??= []).push(Number(number));
  }
  const params = { entityType: Object.keys(kinds), multiple: true, value };
  document.dispatchEvent(new CustomEvent("logbook:ask", { detail: { command: "selectCRM", params, take } }));
}

/** Adds what was chosen: lists of cards by kind.
 *  @type {(answer: ChosenCards | null) => void} */
function take(answer) {
  for (const [kind, cards] of Object.entries(answer ?? {})) {
    for (const card of [cards].flat()) add(kinds[kind], numberOf.exec(String(card?.id ?? ""))?.[1], String(card?.title ?? ""));
  }
  tell();
}

/** @type {(kind: number | undefined, number: string | undefined, title: string) => void} */
function add(kind, number, title) {
  if (!kind || !number) return;
  const known = boxes().find((box) => cardOf(box) === `${kind}-${number}`);
  if (known) {
    known.checked = true;
    return;
  }
  const made = form.querySelector("[data-card]").content.cloneNode(true);
  made.querySelector("input").value = `${kind}-${number} ${[...title.trim()].slice(0, 30).join("")}`;
  made.querySelector("bdi").textContent = title.trim() || `${kind}-${number}`;
  list.append(made);
}

/** Says how many are chosen. */
function tell() {
  const count = boxes().filter((box) => box.checked).length;
  status.textContent = count > 0 ? status.dataset.words.replace("{count}", count.toLocaleString(document.documentElement.lang)) : "";
}

form.querySelector("[data-choose]").addEventListener("click", choose);
list.addEventListener("change", tell);
for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = window.parent === window;
tell();
