/** Updates the progress of a set until it is settled. Without this script, there is a button. */

const form = document.querySelector("form[data-progress]");
const apartMilliseconds = 1500;
const slot = (/** @type {Page} */ page) => page.querySelector("[data-slot=progress]");

async function look() {
  try {
    const body = new URLSearchParams(/** @type {any} */ (new FormData(/** @type {any} */ (form))));
    const answer = await fetch(form.action, { method: "POST", body, credentials: "omit" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const come = slot(page);
    // Another page, such as that of an expired session, is shown once a button is pressed.
    if (!come) return;
    take(/** @type {PageElement} */ (slot(document)), come);
    if (come.hasAttribute("data-settled")) return;
  } catch {
    // The next attempt may succeed.
  }
  setTimeout(look, apartMilliseconds);
}

/** Updates only what has changed, since screen readers would read everything else again.
 *  @type {(now: PageElement, come: PageElement) => void} */
function take(now, come) {
  for (const part of ["state", "rest"]) {
    const [shown, next] = [now, come].map((one) => /** @type {PageElement} */ (one.querySelector(`[data-part=${part}]`)));
    if (shown.innerHTML !== next.innerHTML) shown.replaceChildren(...next.childNodes);
  }
  now.querySelector("progress").value = come.querySelector("progress").value;
  now.toggleAttribute("data-settled", come.hasAttribute("data-settled"));
}

setTimeout(look, apartMilliseconds);
