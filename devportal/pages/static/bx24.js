// BX24 for applications that are developed offline: the calls of the portal's JavaScript library, written from the
// messages that frames and portals exchange. Load it as <script src="http://localhost:8010/api/v1/"></script>.
(() => {
  const [domain, protocol, sid] = window.name.split("|");
  const origin = `${protocol === "1" ? "https" : "http"}://${domain}`;
  /** @type {Map<string, (answer: any) => void>} */
  const waiting = new Map();
  /** @type {Record<"init" | "install", (() => void)[]>} */
  const listeners = { init: [], install: [] };
  let count = 0;
  /** @type {any} */
  let data = null;
  /** @type {any} */
  let auth = null;
  let isInstalled = false;

  window.addEventListener("message", (event) => {
    if (event.origin !== origin || typeof event.data !== "string") return;
    const cut = event.data.indexOf(":");
    const answer = event.data.slice(cut + 1);
    waiting.get(event.data.slice(0, cut))?.(answer ? JSON.parse(answer) : null);
  });

  /** command:{json}:callback:sid, empty parts left empty.
   *  @type {(command: string, parameters: unknown, callback?: Callback | null) => void} */
  function send(command, parameters, callback) {
    const id = callback ? `bx${(count += 1)}` : "";
    if (callback) waiting.set(id, callback);
    const json = parameters === undefined || parameters === null ? "" : JSON.stringify(parameters);
    window.parent.postMessage(`${command}:${json}:${id}:${sid}`, origin);
  }

  /** @type {(pair: any) => object} */
  function keep(pair) {
    auth = {
      access_token: pair.AUTH_ID,
      refresh_token: pair.REFRESH_ID,
      expires_in: Date.now() + Number(pair.AUTH_EXPIRES) * 1000,
      domain,
      member_id: data.MEMBER_ID,
    };
    return auth;
  }

  function begin() {
    send("getInitData", null, (answer) => {
      data = answer;
      keep(answer);
      isInstalled = !answer.INSTALL;
      const first = data.FIRST_RUN ? listeners.install : [];
      if (data.FIRST_RUN) send("setInstall", { install: true }, () => {});
      for (const run of first) run();
      if (isInstalled || !first.length) ready();
    });
  }

  function ready() {
    for (const run of listeners.init.splice(0)) run();
  }

  /** @type {(run: () => void) => void} */
  function whenLoaded(run) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
    else run();
  }

  /** Nested values as PHP's bracket names.
   *  @type {(form: URLSearchParams, name: string, value: any) => void} */
  function fill(form, name, value) {
    if (value === undefined || value === null) form.append(name, "");
    else if (typeof value !== "object") form.append(name, typeof value === "boolean" ? Number(value) : value);
    else for (const [key, child] of Object.entries(value)) fill(form, `${name}[${key}]`, child);
  }

  /** @type {(parameters: Given) => URLSearchParams} */
  function toForm(parameters) {
    const form = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters ?? {})) fill(form, name, value);
    return form;
  }

  /** @type {(method: string, parameters: Given) => Promise<{ status: number, body: any }>} */
  async function request(method, parameters) {
    if (!BX24.getAuth()) await new Promise((resolve) => BX24.refreshAuth(resolve));
    const body = toForm({ ...parameters, auth: auth.access_token });
    const answer = await fetch(`${origin}${data.PATH}/${method}.json`, { method: "POST", body });
    return { status: answer.status, body: await answer.json() };
  }

  // What a callback of callMethod gets.
  class Result {
    /** @param {any} body @param {number} status @param {(start: number, callback?: Callback) => void} again */
    constructor(body, status, again) {
      this.answer = body;
      this.status = status;
      this.again = again;
    }

    data() {
      return this.answer.result;
    }

    error() {
      if (!this.answer.error && this.answer.error_description === undefined) return false;
      const words = `${this.answer.error}: ${this.answer.error_description} (${this.status})`;
      return { status: this.status, ex: this.answer, getError: () => this.answer, toString: () => words };
    }

    error_description() {
      return this.answer.error_description ?? false;
    }

    more() {
      return this.answer.next !== undefined;
    }

    total() {
      return Number(this.answer.total ?? 0);
    }

    time() {
      return this.answer.time ?? null;
    }

    /** @type {(callback?: Callback) => boolean} */
    next(callback) {
      if (!this.more()) return false;
      this.again(this.answer.next, callback);
      return true;
    }
  }

  /** @type {(method: string, parameters: Given, callback?: Callback) => void} */
  function callMethod(method, parameters, callback) {
    /** @type {(start: number, next?: Callback) => void} */
    const again = (start, next) => callMethod(method, { ...parameters, start }, next ?? callback);
    request(method, parameters).then(
      ({ status, body }) => callback?.(new Result(body, status, again)),
      (fault) => callback?.(new Result({ error: "NETWORK_ERROR", error_description: String(fault) }, 0, again)),
    );
  }

  /** @type {(calls: any, callback?: Callback, halt?: boolean) => void} */
  function callBatch(calls, callback, halt = false) {
    /** @type {Record<string, string>} */
    const cmd = {};
    for (const [key, call] of Object.entries(calls)) {
      const [method, parameters] = Array.isArray(call) ? call : [call.method, call.params];
      cmd[key] = `${method}?${toForm(parameters)}`;
    }
    callMethod("batch", { halt: halt ? 1 : 0, cmd }, (whole) => {
      /** @type {any} */
      const results = Array.isArray(calls) ? [] : {};
      for (const key of Object.keys(calls)) results[key] = whole.error() ? whole : part(whole, key, calls[key]);
      callback?.(results);
    });
  }

  /** One command's share of a batch; PHP sends a list where a map is empty or numbered.
   *  @type {(whole: Result, key: string, call: Call) => Result} */
  function part(whole, key, call) {
    const [method, parameters] = Array.isArray(call) ? call : [call.method, call.params];
    const of = (/** @type {string} */ name) => whole.data()[name]?.[key];
    const refusal = of("result_error");
    const answer = refusal ?? { result: of("result"), total: of("result_total"), time: of("result_time") };
    if (of("result_next") !== undefined) answer.next = of("result_next");
    /** @type {(start: number, callback?: Callback) => void} */
    const again = (start, callback) => callMethod(method, { ...parameters, start }, callback);
    return new Result(answer, refusal ? 400 : 200, again);
  }

  /** @type {(kind: string, command: string) => Options} */
  function options(kind, command) {
    return {
      get: (name) => (name === undefined ? data[kind] : data[kind][name]),
      set(name, value, callback) {
        data[kind] = { ...data[kind], [name]: value };
        send(command, { name, value }, (answer) => callback?.(answer));
      },
    };
  }

  function scrollSize() {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return { scrollWidth, scrollHeight: Math.max(scrollHeight, document.body?.scrollHeight ?? 0) };
  }

  /** @type {(command: string) => (callback?: Callback) => void} */
  const plain = (command) => (callback) => send(command, {}, callback ?? null);

  /** @type {Library} */
  const BX24 = {
    init: (callback) => (data && isInstalled ? callback() : listeners.init.push(callback)),
    // Only before init: an address to go to or a function to run when somebody opens the application for the first time.
    install: (then) => listeners.install.push(typeof then === "function" ? then : () => location.assign(then)),
    installFinish() {
      if (data?.INSTALL) send("setInstallFinish", {});
      isInstalled = true;
      ready();
    },
    getAuth: () => (auth && auth.expires_in > Date.now() ? auth : false),
    refreshAuth: (callback) => send("refreshAuth", {}, (pair) => callback?.(keep(pair))),
    callMethod,
    callBatch,
    callBind: (event, handler, authType, callback) => callMethod("event.bind", { event, handler, auth_type: authType }, callback),
    callUnbind: (event, handler, authType, callback) => callMethod("event.unbind", { event, handler, auth_type: authType }, callback),
    isAdmin: () => Boolean(data?.IS_ADMIN),
    getLang: () => data?.LANG,
    getDomain: () => domain,
    getScrollSize: scrollSize,
    appOption: options("APP_OPTIONS", "setAppOption"),
    userOption: options("USER_OPTIONS", "setUserOption"),
    resizeWindow: (width, height, callback) => send("resizeWindow", { width, height }, callback ?? null),
    fitWindow: (callback) => BX24.resizeWindow("100%", scrollSize().scrollHeight, callback),
    setTitle: (title, callback) => send("setTitle", { title: String(title) }, callback ?? null),
    scrollParentWindow: (scroll, callback) => send("setScroll", { scroll }, callback ?? null),
    reloadWindow: plain("reloadWindow"),
    closeApplication: plain("closeApplication"),
    openApplication: (parameters, callback) => send("openApplication", parameters ?? {}, callback ?? null),
    openPath: (path, callback) => send("openPath", { path }, callback ?? null),
    selectUser: (title, callback) => send("selectUser", { title, mult: false }, callback ?? title),
    selectUsers: (title, callback) => send("selectUser", { title, mult: true }, callback ?? title),
    selectAccess: (title, value, callback) => send("selectAccess", { title, value }, callback ?? value ?? title),
    selectCRM: (parameters, callback) => send("selectCRM", parameters ?? {}, callback ?? null),
    im: {
      callTo: (userId, video) => send("imCallTo", { userId, video }),
      phoneTo: (phone) => send("imPhoneTo", { phone }),
      openMessenger: (dialogId) => send("imOpenMessenger", { dialogId }),
      openHistory: (dialogId) => send("imOpenHistory", { dialogId }),
    },
    placement: {
      info: () => ({ placement: data?.PLACEMENT, options: data?.PLACEMENT_OPTIONS }),
      getInterface: (callback) => send("getInterface", null, callback),
      call: (command, parameters, callback) => send(command, parameters ?? {}, callback ?? null),
      bindEvent: (event, callback) => send("placementBindEvent", { event }, callback),
    },
    proxy: (run, thisObject) => run.bind(thisObject),
    ready: whenLoaded,
    isReady: () => document.readyState !== "loading",
    getOrigin: () => origin,
  };

  window.BX24 = BX24;
  if (sid) whenLoaded(begin);
})();
