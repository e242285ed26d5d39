/** A dialog with a list to choose from; resolves to null when it is left without a choice.
 *  @type {(heading: string, address: string, many: boolean, isChosen?: ((row: Choice) => boolean) | null) => Promise<Choice[] | null>} */
export async function choose(heading, address, many, isChosen = null) {
  const rows = await (await fetch(address)).json();
  const dialog = document.createElement("dialog");
  dialog.className = "picker";
  dialog.innerHTML = '<form method="dialog"><h2></h2><div></div><menu><button value="ok" class="primary">Select</button><button value="">Cancel</button></menu></form>';
  dialog.querySelector("h2").textContent = heading;
  for (const [number, row] of rows.entries()) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: many ? "checkbox" : "radio", name: "row", value: number, checked: Boolean(isChosen?.(row)) });
    label.append(input, row.name ?? row.title);
    dialog.querySelector("div").append(label);
  }
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const chosen = [...dialog.querySelectorAll("input:checked")].map((input) => rows[input.value]);
      dialog.remove();
      resolve(dialog.returnValue === "ok" && chosen.length ? chosen : null);
    });
  });
}
