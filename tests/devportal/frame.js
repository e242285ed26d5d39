const [domain, protocol, sid] = window.name.split("|");
const origin = `${protocol === "1" ? "https" : "http"}://${domain}`;
const waiting = new Map();
let count = 0;
window.addEventListener("message", (event) => {
  if (event.origin !== origin) return;
  const cut = event.data.indexOf(":");
  waiting.get(event.data.slice(0, cut))?.(JSON.parse(event.data.slice(cut + 1)));
});
function post(text) { parent.postMessage(text, origin); }
// eslint-disable-next-line no-unused-vars -- the tests call it
function ask(command, parameters, patience = 10000) {
  const callback = `cb${++count}`;
  post([command, ...(parameters === undefined ? [] : [JSON.stringify(parameters)]), callback, sid].join(":"));
  return new Promise((resolve) => {
    waiting.set(callback, resolve);
    setTimeout(() => resolve("silence"), patience);
  });
}
