// The area above the timeline in which the portal draws what an application in a hidden frame asks for.
import { everything } from "./blocks.js";
import { openSlider, pathOf } from "./sliders.js";

const STATES = new Set(["normal", "disabled"]);

export function newArea(element, frame) {
  const { dialect } = frame;
  const loader = Object.assign(document.createElement("p"), { className: "layout-loader", textContent: "Loading…" });
  const body = Object.assign(document.createElement("div"), { className: "layout-body", hidden: true });
  const footer = Object.assign(document.createElement("div"), { className: "layout-buttons", hidden: true });
  const subscribers = [];
  const tell = (kind, value) => {
    for (const one of subscribers) if (one.kind === kind && (!one.id || one.id === value.id)) one.reply(value);
  };
  const act = (id, action) => obey(id, action, frame, tell, dialect);
  const blocks = everything(body, { tell, act, dialect });
  const buttons = { primary: {}, secondary: {} };
  element.replaceChildren(loader, body, footer);
  for (const name of Object.keys(buttons)) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: name === "primary" ? "primary" : "" });
    button.addEventListener("click", () => tell(name, {}));
    buttons[name].element = button;
    footer.append(button);
  }

  // A button that is left out keeps what it was; null takes it away.
  function setButton(name, given) {
    buttons[name].params = given === null ? null : { ...buttons[name].params, ...given };
    drawButtons();
  }

  function drawButtons() {
    const isEmptied = dialect.nativeButtons === "emptied" && Object.values(buttons).some(({ params }) => params?.state !== undefined && !STATES.has(params.state));
    for (const { element: button, params } of Object.values(buttons)) {
      button.hidden = !params;
      button.textContent = isEmptied ? "" : (params?.title ?? "");
      button.disabled = params?.state === "disabled";
    }
  }

  function setLayout(layout) {
    loader.hidden = true;
    body.hidden = footer.hidden = false;
    blocks.show(layout?.blocks ?? {});
    for (const name of Object.keys(buttons)) {
      const given = layout?.[`${name}Button`];
      buttons[name].params = given === null ? null : { ...buttons[name].params, ...given };
    }
    drawButtons();
  }

  return {
    setLayout,
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

// What a press on a link does.
async function obey(id, action, frame, tell, dialect) {
  if (action.type === "layoutEvent") tell("layout", { id, value: action.value });
  if (action.type === "redirect") await follow(action[dialect.nativeLinks]);
  if (action.type === "openRestApp") await openApplication(frame, action);
}

async function follow(address) {
  if (!address) return;
  const path = await pathOf(address);
  if (path) await openSlider(path);
  else location.href = address;
}

async function openApplication(frame, { value }) {
  const link = document.querySelector(`[data-application="${CSS.escape(frame.clientId)}"]`);
  const { entityTypeId, entityId } = frame.init.PLACEMENT_OPTIONS;
  const query = new URLSearchParams({ ...(typeof value === "object" ? value : { value }), entityTypeId, entityId });
  await openSlider(`${link.getAttribute("href")}?${query}`);
}

const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const error = (word) => ({ result: "error", errors: [word] });
const success = { result: "success" };

// A command that draws: in some dialects it is refused, or not answered.
function drawing(run) {
  return {
    inPlacement: true,
    run: ({ area, dialect }, parameters, reply) => {
      if (dialect.nativeAnswers === "refused") return reply(error("The layout is not supported"));
      const answer = run(area, parameters);
      if (dialect.nativeAnswers !== "silent") reply(answer);
    },
  };
}

function setItem(area, { id, visible, properties }) {
  if (typeof id !== "string" || !id) return error("Wrong id");
  if (typeof visible !== "boolean" && !isMap(properties)) return error("Wrong state");
  const isThere = area.setItem(id, typeof visible === "boolean" ? visible : null, isMap(properties) ? properties : {});
  return isThere ? success : error("item not found");
}

const setButton = (name) =>
  drawing((area, parameters) => {
    const isNone = parameters === null || (Array.isArray(parameters) && parameters.length === 0);
    if (!isNone && !isMap(parameters)) return error("Wrong params");
    area.setButton(name, isNone ? null : parameters);
    return success;
  });

// Answered each time that it happens, for one block or for all.
const subscription = (kind) => ({
  inPlacement: true,
  run: ({ area }, id, reply) => area.subscribe(kind, typeof id === "string" ? id : "", reply),
});

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
