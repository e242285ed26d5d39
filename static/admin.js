/** The settings: shows that a form is under way, sends nothing twice, and leads to what was done. */

/** Keeps a second press from sending the same form again. */
function begin(event) {
  // A download leaves the page as it is.
  if (event.submitter?.hasAttribute("data-download")) return;
  const form = event.target;
  if (form.hasAttribute("data-busy")) return event.preventDefault();
  const button = event.submitter;
  form.setAttribute("data-busy", "");
  if (!button?.dataset.busyWords) return;
  button.ariaDisabled = "true";
  button.dataset.words = button.textContent;
  button.textContent = button.dataset.busyWords;
}

/** A page that comes back out of the browser's memory can be sent again. */
function recover() {
  for (const form of document.querySelectorAll("form[data-busy]")) form.removeAttribute("data-busy");
  for (const button of document.querySelectorAll("button[data-words]")) {
    button.ariaDisabled = "false";
    button.textContent = button.dataset.words;
  }
}

document.addEventListener("submit", begin);
window.addEventListener("pageshow", recover);
document.querySelector("[data-outcome]")?.focus();
