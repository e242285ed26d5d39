/**
 * Finds icons by name, code, related words or group. Without this script, all radio buttons are shown, the person's
 * recent ones first.
 */

const picker = document.querySelector("[data-picker]");
const find = picker?.querySelector("[data-find]");
const groups = picker?.querySelector("[data-groups]");
const grid = picker?.querySelector("[data-recent]");
const tiles = [...(picker?.querySelectorAll(".tile") ?? [])];
const recentCount = Number(grid?.dataset.recent ?? 0);
const plainWords = new Map(tiles.map((tile) => [tile, plain(`${tile.title} ${tile.dataset.words}`)]));

/** Returns text normalized for searching: lower case without accents.
 *  @type {(words: string) => string} */
function plain(words) {
  return words.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
}

/** Returns the radio button of a tile.
 *  @type {(tile: PageElement) => PageElement} */
const radioOf = (tile) => tile.querySelector("input");

/** Returns the tiles that are not filtered out. */
const shown = () => tiles.filter((tile) => !tile.hidden);

/** Shows the icons of the chosen group that match every word typed, and announces their number. */
function filter() {
  const wanted = plain(find.value).split(/\s+/).filter(Boolean);
  const isFiltered = wanted.length > 0 || groups.value !== "";
  holdPlace(isFiltered);
  /** @type {Record<string, (tile: PageElement) => boolean>} */
  const special = {
    "": () => true,
    recent: (tile) => tiles.indexOf(tile) < recentCount,
  };
  const isInGroup = special[groups.value] ?? ((tile) => tile.dataset.group === groups.value);
  for (const tile of tiles) {
    tile.hidden = !(isInGroup(tile) && wanted.every((word) => plainWords.get(tile)?.includes(word)));
  }
  tell(isFiltered);
}

/** Reserves the height of all icons while some are filtered out, so that the page does not jump while somebody types.
 *  @type {(isFiltered: boolean) => void} */
function holdPlace(isFiltered) {
  if (!isFiltered) grid.style.minBlockSize = "";
  else if (!grid.style.minBlockSize) grid.style.minBlockSize = `${grid.offsetHeight}px`;
}

/** Announces the count while something is filtered out.
 *  @type {(isFiltered: boolean) => void} */
function tell(isFiltered) {
  const note = picker.querySelector("[data-found]");
  const count = shown().length;
  const written = (/** @type {number} */ number) => number.toLocaleString(document.documentElement.lang);
  const some = note.dataset.some.replace("{count}", written(count)).replace("{total}", written(tiles.length));
  note.textContent = !isFiltered ? "" : count === 0 ? note.dataset.none : some;
}

/** Focuses a tile and chooses it.
 *  @type {(tile: PageElement | undefined) => void} */
function choose(tile) {
  if (!tile) return;
  radioOf(tile).focus();
  radioOf(tile).click();
}

/** Enter chooses the first icon found, an arrow key moves to the icons, Escape shows all again.
 *  @type {(event: Sent<KeyboardEvent>) => void} */
function steer(event) {
  if (event.isComposing) return;
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) choose(shown()[0]);
  else if (event.key === "ArrowDown") choose(shown().find((tile) => radioOf(tile).checked) ?? shown()[0]);
  else if (event.key === "Escape" && find.value !== "") clear();
  else return;
  event.preventDefault();
}

function clear() {
  find.value = "";
  filter();
}

/** On an icon, handles Home and End, and continues typing in the search field.
 *  @type {(event: Sent<KeyboardEvent>) => void} */
function move(event) {
  if (!event.target.matches("input[type=radio]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Home") choose(shown()[0]);
  else if (event.key === "End") choose(shown().at(-1));
  else if (event.key.length === 1 && event.key !== " ") type(event.key);
  else return;
  event.preventDefault();
}

/** Starts a search with the character typed on an icon.
 *  @type {(sign: string) => void} */
function type(sign) {
  find.focus();
  find.value = sign;
  filter();
}

/** Writes the chosen icon's name beside the legend. */
function nameChosen() {
  const name = tiles.find((tile) => radioOf(tile).checked)?.title ?? "";
  const note = picker.querySelector("[data-chosen]");
  note.textContent = name;
  note.hidden = name === "";
}

if (find) {
  find.addEventListener("input", filter);
  find.addEventListener("keydown", steer);
  groups.addEventListener("change", filter);
  picker.addEventListener("keydown", move);
}
picker?.addEventListener("change", nameChosen);
document.addEventListener("logbook:chosen", nameChosen);
if (picker) nameChosen();
