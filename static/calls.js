/** The log of calls: a button that copies a command; without script it can be selected. */

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const command = button.closest("details")?.querySelector("[data-copied]");
  if (command && (await copied(command))) button.textContent = button.dataset.done;
});

/** The old way first: the frame of another site may not use the clipboard, which browsers complain about loudly.
 *  @type {(element: PageElement) => Promise<boolean>} */
async function copied(element) {
  getSelection()?.selectAllChildren(element);
  if (document.execCommand("copy")) return true;
  return navigator.clipboard.writeText(element.textContent).then(
    () => true,
    () => false,
  );
}
