/**
 * Previews a picture as on the timeline before it is added, accepts drag and drop, and reports problems at once. Without
 * this script, the server does.
 */

const form = document.querySelector("form[data-icons]");
const part = form.querySelector("[data-own]");
const input = part.querySelector("[type=file]");
const name = part.querySelector("[name=name]");
const drop = part.querySelector("[data-drop]");
const sample = part.querySelector("[data-sample]");
const error = document.getElementById("picture-error");
const add = part.querySelector("[data-add]");
const side = 24;
const unnamed = part.querySelector("[data-sample-name]").textContent;

/** Returns what is wrong with a file, as far as the browser can check.
 *  @type {(file: File) => string} */
function problem(file) {
  if (!input.accept.split(",").includes(file.type)) return input.dataset.unknown;
  return file.size > Number(input.dataset.mostBytes) ? input.dataset.tooLarge : "";
}

/** Checks and previews the chosen file. */
async function look() {
  const [file] = input.files;
  if (!file) return;
  say(problem(file));
  sample.hidden = true;
  if (error.textContent) return;
  if (name.value.trim() === "") name.value = nameOf(file);
  try {
    show(await createImageBitmap(file));
  } catch {
    say(input.dataset.unknown);
  }
  tellName();
}

/** Turns a file name into an icon's name.
 *  @type {(file: File) => string} */
function nameOf(file) {
  const words = file.name.replace(/\.\w+$/, "").replace(/[_\s-]+/g, " ").trim();
  return words.slice(0, 1).toLocaleUpperCase() + words.slice(1, 60);
}

/** @type {(words: string) => void} */
function say(words) {
  error.textContent = words;
  input.setAttribute("aria-invalid", String(words !== ""));
}

/** Draws the whole picture, or its first frame, centred in its circle.
 *  @type {(picture: ImageBitmap) => void} */
function show(picture) {
  const canvas = Object.assign(document.createElement("canvas"), { className: "picture", width: side * 2, height: side * 2 });
  const scale = canvas.width / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
  sample.querySelector(".entry-icon").replaceChildren(canvas);
  sample.hidden = false;
}

function tellName() {
  sample.querySelector("bdi").textContent = name.value.trim() || unnamed;
}

/** Accepts a file that is dropped on the field.
 *  @type {(event: Dropped) => void} */
function take(event) {
  event.preventDefault();
  drop.classList.remove("is-over");
  if (event.dataTransfer.files.length === 0) return;
  input.files = event.dataTransfer.files;
  look();
}

/** @type {(event: Dropped) => void} */
function hover(event) {
  event.preventDefault();
  drop.classList.toggle("is-over", event.type === "dragover");
}

/** Does not send a form that is known to be invalid.
 *  @type {(event: Submitted) => void} */
function send(event) {
  if (event.submitter !== add || input.files.length === 0 || !problem(input.files[0])) return;
  event.preventDefault();
  event.stopPropagation();
  input.focus();
}

/** Enter in the icon's name adds the icon.
 *  @type {(event: Sent<KeyboardEvent>) => void} */
function press(event) {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit(add);
}

input.addEventListener("change", look);
name.addEventListener("input", tellName);
name.addEventListener("keydown", press);
drop.addEventListener("dragover", hover);
drop.addEventListener("dragleave", hover);
drop.addEventListener("drop", take);
form.addEventListener("submit", send);
