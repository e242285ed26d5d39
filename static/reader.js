/** Readers get a new page for each button they press; the outcome comes first. */

const outcome = document.querySelector("[data-outcome]");
outcome?.focus();
if (outcome?.dataset.outcome === "deleted") document.dispatchEvent(new CustomEvent("logbook:changed"));
