/** For readers, who get a new page for each button: focuses the outcome. */

const outcome = document.querySelector("[data-outcome]");
outcome?.focus();
if (outcome?.dataset.outcome === "deleted") document.dispatchEvent(new CustomEvent("logbook:changed"));
