/**
 * Speaks to the portal's page around our frame. The portal names the frame "DOMAIN|PROTOCOL|APP_SID" and reads
 * messages of the form "command:params:callback:APP_SID"; empty params are left out. Answers are never waited for,
 * since some commands have none. Other scripts ask by event: "logbook:posted", "logbook:installed".
 */

const portalOrigin = document.body.dataset.portalOrigin;
const appSid = /^[^|]+\|[01]\|(\w+)$/.exec(window.name)?.[1];
const isFramed = window.parent !== window;
let sentHeight = 0;
let callbackNumber = 0;

/** Sends one command to the verified portal and to nobody else. */
function send(command, params) {
  if (!isFramed || !portalOrigin || !appSid) return;
  callbackNumber += 1;
  const parts = [command, params && JSON.stringify(params), `logbook${callbackNumber}`, appSid];
  window.parent.postMessage(parts.filter(Boolean).join(":"), portalOrigin);
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

document.addEventListener("logbook:posted", reloadData);
document.addEventListener("logbook:installed", installFinish, { once: true });
new ResizeObserver(resize).observe(document.documentElement);
