/** Who may only read gets a new page for each of his buttons: what has become of it is said first. */

const outcome = document.querySelector("[data-outcome]");
outcome.focus();
if (outcome.dataset.outcome === "deleted") document.dispatchEvent(new CustomEvent("logbook:changed"));
