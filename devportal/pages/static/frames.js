// The page's end of the conversation with application frames.
import { COMMANDS } from "./commands.js";
import { newArea } from "./native.js";

/** @type {Frame[]} */
const frames = [];

/** `area`, if the portal draws for the frame, is where.
 *  @type {(root: ParentNode, area?: PageElement) => void} */
export function openFrames(root, area) {
  for (const holder of root.querySelectorAll("[data-frame]")) {
    /** @type {Frame} */
    const frame = {
      holder,
      iframe: holder.querySelector("iframe"),
      sid: holder.dataset.frame,
      origin: holder.dataset.origin,
      clientId: holder.dataset.clientId,
      init: JSON.parse(holder.dataset.init),
      known: JSON.parse(holder.dataset.interface),
      events: new Map(),
      dialect: holder.dataset,
      area: null,
    };
    if (area) frame.area = newArea(area, frame);
    frames.push(frame);
    holder.querySelector("[data-opens-frame]").submit();
  }
}

// Any other origin than the handler's is dropped, a redirect across origins included.
window.addEventListener("message", (event) => {
  const frame = frames.find((one) => one.iframe.isConnected && one.iframe.contentWindow === event.source);
  if (!frame || event.origin !== frame.origin) return;
  const message = parse(event.data, frame.sid);
  if (message) obey(frame, message);
});

/** @type {(frame: Frame, message: Message) => void} */
function obey(frame, message) {
  const command = Object.hasOwn(COMMANDS, message.command) ? COMMANDS[message.command] : null;
  const isKnown = frame.known.command.includes(message.command);
  if (!command || (command.inPlacement && !isKnown)) return;
  /** @type {Reply} */
  const reply = (value) => {
    if (message.callback) frame.iframe.contentWindow?.postMessage(`${message.callback}:${JSON.stringify(value ?? null)}`, frame.origin);
  };
  command.run(frame, message.parameters, reply, message.callback);
}

/** command:{json}:callback:sid, where parts may be empty or, from the newer library, missing.
 *  @type {(data: any, sid: string) => Message | null} */
export function parse(data, sid) {
  if (typeof data === "object" && data !== null) {
    return data.appSid === sid ? { command: data.method, parameters: data.params, callback: data.callback } : null;
  }
  if (typeof data !== "string" || !data.endsWith(`:${sid}`)) return null;
  const text = data.slice(0, -sid.length - 1);
  const first = text.indexOf(":");
  if (first < 0) return { command: text, parameters: {}, callback: "" };
  const rest = text.slice(first + 1);
  const isOnlyJson = /[}\]"]$/.test(rest);
  const cut = isOnlyJson ? rest.length : rest.lastIndexOf(":");
  return {
    command: text.slice(0, first),
    parameters: decoded(rest.slice(0, Math.max(cut, 0))),
    callback: rest.slice(cut + 1),
  };
}

/** @type {(text: string) => any} */
function decoded(text) {
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return text;
  }
}
