/**
 * The icons in the settings: searching, moving, and offering all or none. Without this script, the same buttons reload the
 * page, and all icons are shown.
 */

const form = document.querySelector("form[data-icons]");
const list = form.querySelector("[data-arranged]");
const find = form.querySelector("[data-find]");
const note = form.querySelector("[data-found]");
/** @returns {any[]} */
const rows = () => [...list.children];
const shown = () => rows().filter((row) => !row.hidden);

/** Returns text normalized for searching: lower case without accents.
 *  @type {(words: string) => string} */
function plain(words) {
  return words.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
}

/** @type {(number: number) => string} */
function written(number) {
  return number.toLocaleString(document.documentElement.lang);
}

/** Shows the rows that match every word typed, and announces their number. */
function filter() {
  const wanted = plain(find.value).split(/\s+/).filter(Boolean);
  for (const row of rows()) row.hidden = !wanted.every((word) => plain(row.dataset.words).includes(word));
  const count = shown().length;
  const some = note.dataset.some.replace("{count}", written(count)).replace("{total}", written(rows().length));
  note.textContent = wanted.length === 0 ? "" : count === 0 ? note.dataset.none : some;
}

/** Moves a row among the visible ones; the focus stays on its button, and the new place is announced.
 *  @type {(event: Submitted) => void} */
function move(event) {
  const pressed = event.submitter;
  if (pressed?.name !== "move") return;
  event.preventDefault();
  event.stopPropagation();
  const row = pressed.closest("li");
  const near = shown();
  const place = near.indexOf(row);
  const direction = pressed.value.split(":", 1)[0];
  if (direction === "first") list.prepend(row);
  else if (direction === "up") near[place - 1]?.before(row);
  else near[place + 1]?.after(row);
  row.scrollIntoView({ block: "nearest" });
  pressed.focus();
  tellPlace(row);
}

/** @type {(row: PageElement) => void} */
function tellPlace(row) {
  /** @type {Record<string, string>} */
  const words = { name: row.querySelector("bdi").textContent, place: written(rows().indexOf(row) + 1), total: written(rows().length) };
  note.textContent = note.dataset.moved.replace(/\{(\w+)\}/g, (_, word) => words[word]);
}

/** Offers all or none of the visible rows.
 *  @type {(event: Sent<Event>) => void} */
function offer(event) {
  const isOffered = event.target.dataset.offer === "all";
  for (const row of shown()) row.querySelector("[name=offered]").checked = isOffered;
}

/** In the search field, Enter does not submit, and Escape shows all again.
 *  @type {(event: Sent<KeyboardEvent>) => void} */
function steer(event) {
  if (event.key === "Enter") event.preventDefault();
  if (event.key !== "Escape" || find.value === "") return;
  find.value = "";
  filter();
}

/** Shows the neutral glyph if the portal's own picture could not be loaded.
 *  @type {(picture: PageElement | HTMLImageElement) => void} */
function replacePicture(picture) {
  if (!picture.matches?.("img[data-picture]")) return;
  picture.replaceWith(document.getElementById("neutral-glyph").content.cloneNode(true));
}

if (list) {
  form.addEventListener("submit", move);
  find.addEventListener("input", filter);
  find.addEventListener("keydown", steer);
  for (const button of form.querySelectorAll("[data-offer]")) button.addEventListener("click", offer);
}
document.addEventListener("error", (event) => replacePicture(event.target), true);
for (const picture of document.images) if (picture.complete && !picture.naturalWidth) replacePicture(picture);
for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
