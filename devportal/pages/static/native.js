// The area above the timeline in which the portal draws what an application in a hidden frame asks for.
import { everything } from "./blocks.js";
import { openSlider, pathOf } from "./sliders.js";

const STATES = new Set(["normal", "disabled"]);
/** @type {ButtonName[]} */
const BUTTONS = ["primary", "secondary"];

/** @type {(element: PageElement, frame: Frame) => Area} */
export function newArea(element, frame) {
  const { dialect } = frame;
  const loader = Object.assign(document.createElement("p"), { className: "layout-loader", textContent: "Loading…" });
  const body = Object.assign(document.createElement("div"), { className: "layout-body", hidden: true });
  const footer = Object.assign(document.createElement("div"), { className: "layout-buttons", hidden: true });
  /** @type {Subscriber[]} */
  const subscribers = [];
  /** @type {Tell} */
  const tell = (kind, value) => {
    for (const one of subscribers) if (one.kind === kind && (!one.id || one.id === value.id)) one.reply(value);
  };
  const blocks = everything(body, { tell, act: (id, action) => obey(id, action, frame, tell), dialect });
  const setButton = newButtons(footer, dialect, tell);
  element.replaceChildren(loader, body, footer);
  return {
    setLayout: (layout) => {
      loader.hidden = true;
      body.hidden = footer.hidden = false;
      blocks.show(layout?.blocks ?? {});
      for (const name of BUTTONS) setButton(name, layout?.[`${name}Button`]);
    },
    setButton,
    setItem: blocks.setState,
    subscribe: (kind, id, reply) => subscribers.push({ kind, id, reply }),
    lock: (isLocked) => {
      body.inert = footer.inert = isLocked;
      element.classList.toggle("is-locked", isLocked);
    },
    finish: () => {
      element.hidden = true;
    },
  };
}

/** Both buttons of an area, and what sets one of them: left out, it keeps what it was; null takes it away.
 *  @type {(footer: HTMLElement, dialect: PageData, tell: Tell) => Area["setButton"]} */
function newButtons(footer, dialect, tell) {
  const buttons = { primary: newButton("primary", tell), secondary: newButton("secondary", tell) };
  footer.append(...Object.values(buttons).map(({ element }) => element));

  function draw() {
    const isEmptied = dialect.nativeButtons === "emptied" && Object.values(buttons).some(({ params }) => params?.state !== undefined && !STATES.has(params.state));
    for (const { element, params } of Object.values(buttons)) {
      element.hidden = !params;
      element.textContent = isEmptied ? "" : (params?.title ?? "");
      element.disabled = params?.state === "disabled";
    }
  }

  return (name, given) => {
    buttons[name].params = given === null ? null : { ...buttons[name].params, ...given };
    draw();
  };
}

/** @type {(name: ButtonName, tell: Tell) => Button} */
function newButton(name, tell) {
  const element = Object.assign(document.createElement("button"), { type: "button", className: name === "primary" ? "primary" : "" });
  element.addEventListener("click", () => tell(name, {}));
  return { element, params: null };
}

/** What a press on a link does.
 *  @type {(id: string, action: Properties, frame: Frame, tell: Tell) => Promise<void>} */
async function obey(id, action, frame, tell) {
  if (action.type === "layoutEvent") tell("layout", { id, value: action.value });
  if (action.type === "redirect") await follow(action[frame.dialect.nativeLinks]);
  if (action.type === "openRestApp") await openApplication(frame, action);
}

/** @type {(address: unknown) => Promise<void>} */
async function follow(address) {
  if (!address) return;
  const path = await pathOf(address);
  if (path) await openSlider(path);
  else location.href = String(address);
}

/** @type {(frame: Frame, action: Properties) => Promise<void>} */
async function openApplication(frame, { value }) {
  const link = document.querySelector(`[data-application="${CSS.escape(frame.clientId)}"]`);
  if (!link) return;
  const { entityTypeId, entityId } = frame.init.PLACEMENT_OPTIONS;
  const query = new URLSearchParams({ ...(typeof value === "object" ? value : { value }), entityTypeId, entityId });
  await openSlider(`${link.getAttribute("href")}?${query}`);
}

const isMap = (/** @type {unknown} */ value) => typeof value === "object" && value !== null && !Array.isArray(value);
const error = (/** @type {string} */ word) => ({ result: "error", errors: [word] });
const success = { result: "success" };

/** A command that draws: in some dialects it is refused, or not answered.
 *  @type {(run: DrawingRun) => Command} */
function drawing(run) {
  return {
    inPlacement: true,
    run: ({ area, dialect }, parameters, reply) => {
      if (dialect.nativeAnswers === "refused") return reply(error("The layout is not supported"));
      // A frame without an area is offered none of these.
      const answer = run(/** @type {Area} */ (area), parameters);
      if (dialect.nativeAnswers !== "silent") reply(answer);
    },
  };
}

/** @type {DrawingRun} */
function setItem(area, { id, visible, properties }) {
  if (typeof id !== "string" || !id) return error("Wrong id");
  if (typeof visible !== "boolean" && !isMap(properties)) return error("Wrong state");
  const isThere = area.setItem(id, typeof visible === "boolean" ? visible : null, isMap(properties) ? properties : {});
  return isThere ? success : error("item not found");
}

const setButton = (/** @type {ButtonName} */ name) =>
  drawing((area, parameters) => {
    const isNone = parameters === null || (Array.isArray(parameters) && parameters.length === 0);
    if (!isNone && !isMap(parameters)) return error("Wrong params");
    area.setButton(name, isNone ? null : parameters);
    return success;
  });

/** Answered each time that it happens, for one block or for all.
 *  @type {(kind: string) => Command} */
const subscription = (kind) => ({
  inPlacement: true,
  run: ({ area }, id, reply) => area?.subscribe(kind, typeof id === "string" ? id : "", reply),
});

/** @type {Record<string, Command>} */
export const LAYOUT_COMMANDS = {
  setLayout: drawing((area, layout) => {
    area.setLayout(layout);
    return success;
  }),
  setLayoutItemState: drawing(setItem),
  setPrimaryButtonState: setButton("primary"),
  setSecondaryButtonState: setButton("secondary"),
  bindLayoutEventCallback: subscription("layout"),
  bindValueChangeCallback: subscription("value"),
  bindPrimaryButtonClickCallback: subscription("primary"),
  bindSecondaryButtonClickCallback: subscription("secondary"),
  bindEntityUpdateCallback: subscription("entity"),
};
