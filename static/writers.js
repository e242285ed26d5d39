/**
 * Lets administrators choose people in the portal's own window. Nothing waits for its answer, which may never come; the
 * plain list below works as well, also without this script.
 */

const form = document.querySelector("form[data-writers]");
const list = form.querySelector("[data-people]");
const status = form.querySelector("[data-chosen-count]");
const boxes = () => [...list.querySelectorAll("input[type=checkbox]")];

/** Ticks the people chosen in the portal's window: one or many of {id, name}.
 *  @type {(answer: any) => void} */
function take(answer) {
  const people = [answer].flat().filter((person) => /^[1-9]\d{0,17}$/.test(String(person?.id ?? "")));
  for (const { id, name } of people) tick(String(id), String(name ?? ""));
  tell();
}

/** @type {(id: string, name: string) => void} */
function tick(id, name) {
  const known = boxes().find((box) => box.value === id);
  if (known) known.checked = true;
  else list.prepend(row(id, name));
}

/** @type {(id: string, name: string) => PageFragment} */
function row(id, name) {
  const made = document.getElementById("person").content.cloneNode(true);
  made.querySelector("input[type=checkbox]").value = id;
  made.querySelector("bdi").textContent = name.trim() || list.dataset.unnamed.replace("{id}", id);
  Object.assign(made.querySelector("input[type=hidden]"), { name: `name-${id}`, value: name });
  return made;
}

/** Says how many are chosen. */
function tell() {
  const count = boxes().filter((box) => box.checked).length;
  const words = status.dataset.words.replace("{count}", count.toLocaleString(document.documentElement.lang));
  status.textContent = count > 0 ? words : "";
}

const question = { command: "selectUser", params: { mult: true }, take };
form.querySelector("[data-choose]").addEventListener("click", () => document.dispatchEvent(new CustomEvent("logbook:ask", { detail: question })));
list.addEventListener("change", tell);
for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = window.parent === window;
tell();
