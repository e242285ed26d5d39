/**
* Talks to the portal's page around our frame. The portal names the frame "DOMAIN|PROTOCOL|APP_SID" and reads
 * messages of the form "command:params:callback:APP_SID"; empty params are left out. Answers, "callback:value", are
 * taken when they come and never waited for, since some commands have none. Other scripts ask by event:
 * "logbook:changed", "logbook:installed", and "logbook:ask" with a command, its params, and who takes the answer.
 */

const { dataset } = document.body;
const appSid = /^[^|]+\|[01]\|(\w+)$/.exec(window.name)?.[1];
const isFramed = window.parent !== window;
let sentHeight = 0;
let callbackNumber = 0;
/** @type {Map<string, { take: (answer: any) => void, isKept: boolean }>} */
const takers = new Map();

/** Sends a command only to the verified portal; `take` gets its answer or, if kept, all of them.
 *  @type {(command: string, params?: object | null, take?: (answer: any) => void, isKept?: boolean) => void} */
export function send(command, params, take, isKept = false) {
  if (!isFramed || !dataset.portalOrigin || !appSid) return;
  callbackNumber += 1;
  if (take) takers.set(`logbook${callbackNumber}`, { take, isKept });
  const parts = [command, params && JSON.stringify(params), `logbook${callbackNumber}`, appSid];
  window.parent.postMessage(parts.filter(Boolean).join(":"), dataset.portalOrigin);
}

/** Passes the verified portal's answer to its callback. Pages without data accept any portal: "*".
 *  @type {(message: MessageEvent) => void} */
function hear({ source, origin, data }) {
  if (source !== window.parent || !/** @type {unknown[]} */ ([origin, "*"]).includes(dataset.portalOrigin) || typeof data !== "string") return;
  const callback = data.slice(0, data.indexOf(":"));
  const taker = takers.get(callback);
  if (!taker) return;
  if (!taker.isKept) takers.delete(callback);
  taker.take(JSON.parse(data.slice(callback.length + 1) || "null"));
}

/** Makes the frame as high as its content, so that it needs no scroll bar. */
function resize() {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (height === sentHeight) return;
  sentHeight = height;
  send("resizeWindow", { width: "100%", height });
}

/** Asks the card to show what has changed. */
function reloadData() {
  send("reloadData");
}

/** Tells the portal that the installation is complete; it then opens the application by itself. */
function installFinish() {
  send("setInstallFinish");
}

window.addEventListener("message", hear);
document.addEventListener("logbook:ask", (event) => send(event.detail.command, event.detail.params, event.detail.take));
document.addEventListener("logbook:changed", reloadData);
document.addEventListener("logbook:installed", installFinish, { once: true });
new ResizeObserver(resize).observe(document.documentElement);
