/** Shows an entry as the timeline will while it is typed; the rules are those of services/delivery/preview.py. */

import { form, text, title } from "./form.js";

export const preview = form.querySelector("[data-preview]");
/** @type {Map<string, string>} */
const signs = new Map();

/** Decodes entities once, and collapses white space.
 *  @type {(typed: string) => string} */
function asShown(typed) {
  return decode(typed).split(/\s+/).filter(Boolean).join(" ");
}

/** @type {(typed: string) => string} */
function decode(typed) {
  return typed.replace(/&#?\w+;?/g, (written) => signs.get(written) ?? learn(written));
}

/** Has the browser decode one entity, once.
 *  @type {(written: string) => string} */
function learn(written) {
  const shown = new DOMParser().parseFromString(written, "text/html").documentElement.textContent ?? "";
  signs.set(written, shown);
  return shown;
}

/** Shows the entry as the timeline will, and what the timeline will not show. */
export function showPreview() {
  if (!preview) return;
  fill("title", asShown(title.value), preview.dataset.emptyTitle);
  fill("text", asShown(`${happened()}${text.value}`), preview.dataset.emptyText);
  const both = `${title.value}\n${text.value}`;
  const heading = preview.querySelector("[data-part=title]");
  /** @type {Record<string, boolean>} */
  const losses = {
    cut: heading.scrollWidth > heading.clientWidth,
    breaks: text.value.trim().includes("\n"),
    entities: decode(both) !== both,
    markup: /<\/?[a-z][^<>]*>|\[\/?[a-z*][^[\]]*\]/i.test(both),
    links: /https?:\/\/|www\./i.test(both),
  };
  for (const hint of form.querySelectorAll("[data-loss]")) hint.hidden = !losses[hint.dataset.loss];
}

/** The prefix of the text, if a time was given. */
function happened() {
  const field = form.elements.happened;
  if (!field?.value) return "";
  const language = document.documentElement.lang;
  const written = new Date(field.value).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  return `${field.dataset.pattern.replace("{happened}", () => written)} `;
}

/** @type {(part: string, words: string, whenEmpty: string) => void} */
function fill(part, words, whenEmpty) {
  const place = preview?.querySelector(`[data-part=${part}]`);
  if (!place) return;
  place.textContent = words || whenEmpty;
  place.classList.toggle("is-empty", words === "");
  if (part === "title") place.title = words;
}

/** Shows the chosen icon in the preview's circle. */
export function showIcon() {
  const tile = form.querySelector("input[name=icon]:checked")?.closest("label");
  const place = preview?.querySelector("[data-part=icon]");
  if (!tile || !place) return;
  place.replaceChildren(tile.querySelector("svg, img").cloneNode(true));
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", tile.title);
  place.classList.remove("entry-icon-none");
}

/** Shows the neutral glyph if the portal's own picture could not be loaded.
 *  @type {(picture: PageElement | HTMLImageElement) => void} */
export function replacePicture(picture) {
  if (!picture.matches?.("img[data-picture]")) return;
  picture.replaceWith(document.getElementById("neutral-glyph").content.cloneNode(true));
}
