// The blocks of a native layout, as the portal draws them: each is kept while its identifier and its type stay.
// A field that somebody types in takes another value only when that value differs from the one given before.

const COLORS = new Set(["base_50", "base_60", "base_70", "base_90", "primary", "warning", "danger", "success"]);
const SIZES = new Set(["xs", "sm", "md", "lg", "xl"]);
const SECTIONS = new Set(["default", "primary", "warning", "danger", "success", "withBorder"]);
const WORDS = ["text", "link", "lineOfBlocks"];
let count = 0;

/** @type {Record<string, NewBlock>} */
const BLOCKS = {
  text: words("span", (element, { value = "", multiline }) => write(element, String(value), multiline)),
  link,
  withTitle,
  lineOfBlocks: group("span", ["text", "link", "dropdownMenu"]),
  dropdownMenu: field("select"),
  input: field("input"),
  textarea: field("textarea"),
  select: field("select"),
  list: group("ul", WORDS),
  section,
};
const EVERY = Object.keys(BLOCKS);

/** @type {(element: HTMLElement, allowed: string[], context: BlockContext) => Collection} */
export function collection(element, allowed, context) {
  /** @type {Map<string, KeptBlock>} */
  const shown = new Map();
  /** @type {Properties} */
  let blocks = {};

  /** @type {Collection["show"]} */
  function show(wanted) {
    blocks = { ...wanted };
    const ids = Object.keys(blocks).filter((id) => allowed.includes(blocks[id]?.type));
    for (const [id, one] of shown) if (!ids.includes(id) || one.type !== blocks[id].type) remove(id, one);
    for (const id of ids) {
      const { type, visible, properties } = blocks[id];
      if (!shown.has(id)) shown.set(id, { type, ...BLOCKS[type](id, context) });
      const one = /** @type {KeptBlock} */ (shown.get(id));
      one.update(properties ?? {});
      one.item ??= item(element, one);
      one.item.hidden = visible === false;
      if (element.lastElementChild !== one.item) element.append(one.item);
    }
  }

  /** @type {(id: string, one: KeptBlock) => void} */
  function remove(id, one) {
    one.item?.remove();
    shown.delete(id);
  }

  /** @type {SetState} */
  function setState(id, visible, properties) {
    if (!Object.hasOwn(blocks, id)) return [...shown.values()].map((one) => one.setState?.(id, visible, properties)).some(Boolean);
    const block = blocks[id];
    show({ ...blocks, [id]: { ...block, properties: { ...block.properties, ...properties }, visible: visible ?? block.visible } });
    return true;
  }

  return { element, show, setState };
}

/** @type {(element: HTMLElement, context: BlockContext) => Collection} */
export const everything = (element, context) => collection(element, EVERY, context);

/** Blocks on a line have a space between them.
 *  @type {(parent: HTMLElement, one: DrawnBlock) => HTMLElement} */
function item(parent, one) {
  const element = document.createElement(/** @type {Record<string, string>} */ ({ UL: "li", SPAN: "span" })[parent.tagName] ?? "div");
  element.append(one.element);
  if (element.tagName === "SPAN") element.append(" ");
  return element;
}

/** @type {(element: HTMLElement, text: string, multiline: unknown) => void} */
function write(element, text, multiline) {
  const lines = multiline ? text.split("\n") : [text];
  element.replaceChildren(...lines.flatMap((line, number) => (number ? [document.createElement("br"), line] : [line])));
}

/** @type {(tag: string, draw: (element: HTMLElement, properties: Properties) => void) => NewBlock} */
function words(tag, draw) {
  return () => {
    const element = document.createElement(tag);
    return {
      element,
      update: (properties) => {
        dress(element, properties);
        draw(element, properties);
      },
    };
  };
}

/** @type {(element: HTMLElement, properties: Properties) => void} */
function dress(element, { color, size = "md", bold }) {
  const parts = ["layout-text", COLORS.has(color) && `layout-${color}`, `layout-${SIZES.has(size) ? size : "sm"}`, bold === true && "layout-bold"];
  element.className = parts.filter(Boolean).join(" ");
}

/** @type {NewBlock} */
function link(id, context) {
  const element = document.createElement("span");
  /** @type {Properties | null} */
  let action = null;
  element.addEventListener("click", (event) => {
    event.preventDefault();
    if (action) context.act(id, action);
  });
  /** @type {DrawnBlock["update"]} */
  const update = (properties) => {
    const isFocused = element.contains(document.activeElement);
    action = properties.action ?? null;
    const address = action?.type === "redirect" ? action[context.dialect.nativeLinks] : null;
    const inner = document.createElement(address ? "a" : "button");
    if (address) inner.setAttribute("href", address);
    else inner.setAttribute("type", "button");
    inner.textContent = properties.text ?? "";
    dress(inner, properties);
    inner.classList.add("layout-link");
    element.replaceChildren(inner);
    if (isFocused) inner.focus();
  };
  return { element, update };
}

/** @type {NewBlock} */
function withTitle(id, context) {
  const element = document.createElement("div");
  const heading = document.createElement("span");
  const value = document.createElement("span");
  const inner = collection(value, WORDS, context);
  element.append(heading, value);
  /** @type {DrawnBlock["update"]} */
  const update = ({ title = "", inline, block }) => {
    element.className = inline ? "layout-titled layout-inline" : "layout-titled";
    heading.textContent = title;
    inner.show(block ? { [id]: block } : {});
  };
  return { element, update };
}

/** @type {(tag: string, allowed: string[]) => NewBlock} */
function group(tag, allowed) {
  return (_, context) => {
    const inner = collection(document.createElement(tag), allowed, context);
    inner.element.className = tag === "ul" ? "layout-list" : "layout-line";
    return { element: inner.element, update: ({ blocks }) => inner.show(blocks), setState: inner.setState };
  };
}

/** A picture that is no full address of the web is left out.
 *  @type {NewBlock} */
function section(_, context) {
  const element = document.createElement("div");
  const picture = Object.assign(document.createElement("img"), { alt: "" });
  const body = document.createElement("div");
  const inner = collection(body, EVERY.filter((type) => type !== "section"), context);
  element.append(body);
  /** @type {DrawnBlock["update"]} */
  const update = ({ type, imageSrc = "", imageSize = "lg", blocks }) => {
    element.className = `layout-section layout-of-${SECTIONS.has(type) ? type : "default"}`;
    const isWhole = /^https?:\/\//.test(imageSrc);
    if (isWhole) body.before(picture);
    else picture.remove();
    picture.className = `layout-image-${["lg", "md", "sm"].includes(imageSize) ? imageSize : "lg"}`;
    if (isWhole && picture.src !== imageSrc) picture.src = imageSrc;
    inner.show(blocks);
  };
  return { element, update, setState: inner.setState };
}

/** @type {(tag: "input" | "select" | "textarea") => NewBlock} */
function field(tag) {
  return (id, context) => {
    const control = document.createElement(tag);
    const label = document.createElement("label");
    const error = Object.assign(document.createElement("p"), { className: "layout-error", hidden: true });
    const element = Object.assign(document.createElement("div"), { className: "layout-field" });
    count += 1;
    control.id = `layout-field-${count}`;
    error.id = `${control.id}-error`;
    label.htmlFor = control.id;
    element.append(label, control, error);
    control.addEventListener(tag === "select" ? "change" : "input", () => context.tell("value", { id, value: control.value }));
    /** @type {GivenValue} */
    const given = { value: undefined, values: "" };
    /** @type {DrawnBlock["update"]} */
    const update = (properties) => {
      label.textContent = properties.title ?? "";
      control.disabled = properties.disabled === true;
      if ("placeholder" in control) control.placeholder = properties.placeholder ?? "";
      error.textContent = properties.errorText ?? "";
      error.hidden = !properties.errorText;
      control.setAttribute("aria-invalid", String(!error.hidden));
      control.setAttribute("aria-describedby", error.id);
      if (tag === "select") choose(control, properties, given);
      else if (given.value !== properties.value) control.value = properties.value ?? "";
      given.value = tag === "select" ? properties.selectedValue : properties.value;
    };
    return { element, update };
  };
}

/** What is chosen among values that do not have it is the first of them.
 *  @type {(control: HTMLElement & { value: string }, properties: Properties, given: GivenValue) => void} */
function choose(control, { values = {}, selectedValue }, given) {
  const written = JSON.stringify(values);
  const chosen = given.value === selectedValue && given.values ? control.value : selectedValue;
  if (written !== given.values) control.replaceChildren(...Object.entries(values).map(([value, text]) => new Option(String(text), value)));
  given.values = written;
  control.value = Object.hasOwn(values, chosen) ? chosen : (Object.keys(values)[0] ?? "");
}
