// What a frame may ask for. A command that must never answer does not call `reply`.
import { LAYOUT_COMMANDS } from "./native.js";
import { choose } from "./pickers.js";
import { closeSlider, isInSlider, openSlider, pathOf } from "./sliders.js";
import { refreshTimeline } from "./timeline.js";

/** @type {Record<string, Command>} */
export const COMMANDS = {
  getInitData: { run: (frame, _, reply) => reply(frame.init) },
  getInterface: { run: (frame, _, reply) => reply(frame.known) },
  placementBindEvent: {
    run: (frame, { event }, _, callback) => {
      if (frame.known.event.includes(event)) frame.events.set(event, callback);
    },
  },
  setInstallFinish: { run: (frame) => frame.init.INSTALL && ask(frame, "install-finish").then(() => location.reload()) },
  setInstall: { run: (frame, _, reply) => ask(frame, "first-run").then(reply) },
  refreshAuth: { run: (frame, _, reply) => ask(frame, "refresh-auth").then((pair) => pair && reply(pair)) },
  setAppOption: { run: (frame, option, reply) => ask(frame, "app-option", option).then((done) => done && reply(done)) },
  setUserOption: { run: (frame, option, reply) => ask(frame, "user-option", option).then(reply) },
  resizeWindow: { run: resize },
  reloadWindow: { run: () => location.reload() },
  setTitle: { run: setTitle },
  setScroll: {
    run: (_, { scroll }, reply) => {
      window.scrollTo(0, Number(scroll) || 0);
      reply(true);
    },
  },
  openApplication: { run: openApplication },
  closeApplication: { run: () => closeSlider() },
  openPath: { run: openPath },
  imCallTo: { run: notice("A call would start now.") },
  imPhoneTo: { run: notice("A phone call would start now.") },
  imOpenMessenger: { run: notice("The messenger would open now.") },
  imOpenHistory: { run: notice("The history would open now.") },
  selectUser: { run: (_, { mult }, reply) => choose("Choose people", "/_box/people", Boolean(mult)).then((rows) => rows && reply(mult ? rows : rows[0])) },
  selectAccess: { run: (_, __, reply) => choose("Choose access", "/_box/people", true).then((rows) => rows && reply(rows.map((row) => ({ id: `U${row.id}`, name: row.name })))) },
  selectCRM: { run: selectCrm },
  setPropertyValue: { inPlacement: true, run: setPropertyValue },
  reloadData: {
    inPlacement: true,
    run: (_, __, reply) => refreshTimeline().then(() => reply("")),
  },
  ...LAYOUT_COMMANDS,
  finish: {
    inPlacement: true,
    run: (frame, _, reply) => {
      if (frame.area) return frame.area.finish();
      reply(true);
      /** @type {PageElement} */ (frame.holder.closest(".activity-panel")).hidden = true;
    },
  },
  lock: { inPlacement: true, run: (frame, _, reply) => lock(frame, true, reply) },
  unlock: { inPlacement: true, run: (frame, _, reply) => lock(frame, false, reply) },
};

/** @type {(frame: Frame, address: string, more?: object) => Promise<any>} */
async function ask(frame, address, more = {}) {
  const answer = await fetch(`/_box/frame/${address}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...more, client_id: frame.clientId }),
  });
  return answer.ok ? answer.json() : null;
}

/** Where the portal draws, these three are not answered.
 *  @type {(frame: Frame, isLocked: boolean, reply: Reply) => void} */
function lock(frame, isLocked, reply) {
  if (frame.area) frame.area.lock(isLocked);
  else reply(true);
}

/** In a slider the portal resizes nothing and does not say so.
 *  @type {Run} */
function resize(frame, { width, height }, reply) {
  if (isInSlider()) return;
  if (Number(height) > 0) frame.iframe.style.height = `${Math.ceil(Number(height))}px`;
  if (width) frame.iframe.style.width = String(width).endsWith("%") ? width : `${Math.min(Number(width), frame.holder.clientWidth)}px`;
  reply({ width: frame.iframe.clientWidth, height: frame.iframe.clientHeight });
}

/** Only the application's own page has a heading to change; placements stay silent.
 *  @type {Run} */
function setTitle(frame, { title }, reply) {
  if (frame.init.PLACEMENT !== "DEFAULT") return;
  document.getElementById("container-title").textContent = title;
  reply(true);
}

/** Into the form of the dialog, if there is such a property; a portal does not answer.
 *  @type {(frame: Frame, values: Record<string, any>) => void} */
function setPropertyValue(frame, values) {
  const form = frame.holder.closest("[data-dialog]")?.querySelector("form[data-properties]");
  for (const [name, value] of Object.entries(values ?? {})) {
    const field = form?.elements[`property_${name.toLowerCase()}`];
    if (field) field.value = Array.isArray(value) ? value[0] : value;
  }
}

/** @type {Run} */
function openApplication(frame, parameters, reply) {
  const link = document.querySelector(`[data-application="${CSS.escape(frame.clientId)}"]`);
  if (!link) return;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {})) {
    query.set(name, typeof value === "object" ? JSON.stringify(value) : value);
  }
  openSlider(`${link.getAttribute("href")}?${query}`).then(() => reply(null));
}

/** @type {AsyncRun} */
async function openPath(_, { path }, reply) {
  const target = await pathOf(path);
  if (!target) return reply({ result: "error", errorCode: "PATH_NOT_AVAILABLE" });
  await openSlider(target);
  return reply({ result: "close" });
}

/** `value` is what is chosen already: numbers, with their prefix or without, by kind. Silent unless somebody selects.
 *  @type {AsyncRun} */
async function selectCrm(_, { entityType = ["deal"], multiple, value = {} }, reply) {
  const numberOf = (/** @type {unknown} */ id) => String(id).replace(/^\w+_/, "");
  const isChosen = (/** @type {Choice} */ row) => [value?.[row.type] ?? []].flat().map(numberOf).includes(numberOf(row.id));
  const rows = await choose("Choose from the CRM", `/_box/crm?types=${encodeURIComponent(String(entityType))}`, Boolean(multiple), isChosen);
  if (rows) reply(Object.groupBy(rows, (row) => row.type));
}

/** @type {(text: string) => Run} */
function notice(text) {
  return (_, __, reply) => {
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.textContent = text;
    document.querySelector(".toasts").append(toast);
    setTimeout(() => toast.remove(), 4000);
    reply(true);
  };
}
