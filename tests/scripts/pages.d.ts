/**
 * What scripts find in our pages, as far as a checker can know it: elements of forms, for the most part, so that
 * `PageElement` has all that such elements have. tests/house/test_scripts.py looks up in the templates what is said here
 * to be there.
 */

/** A script that asks for one of these finds it, or does not use what it found; everything else may be missing. */
type Always =
  | ".activity-panel"
  | ".entries"
  | ".entry-icon"
  | ".form-end [data-words]"
  | ".toasts"
  | "[data-add]"
  | "[data-arranged]"
  | "[data-card]"
  | "[data-cards]"
  | "[data-choose]"
  | "[data-chosen]"
  | "[data-chosen-count]"
  | "[data-copied]"
  | "[data-count]"
  | "[data-drawing]"
  | "[data-drop]"
  | "[data-find]"
  | "[data-found]"
  | "[data-groups]"
  | "[data-opens-frame]"
  | "[data-own]"
  | "[data-part=advice]"
  | "[data-part=title]"
  | "[data-people]"
  | "[data-picker]"
  | "[data-recent]"
  | "[data-robot]"
  | "[data-sample]"
  | "[data-sample-name]"
  | "[data-saved]"
  | "[data-slot=outcome]"
  | "[name=name]"
  | "[name=offered]"
  | "[type=file]"
  | "bdi"
  | "button"
  | "div"
  | "form"
  | "form[data-composer]"
  | "form[data-icons]"
  | "form[data-progress]"
  | "form[data-several]"
  | "form[data-writers]"
  | "h2"
  | "input"
  | "input[type=checkbox]"
  | "input[type=hidden]"
  | "input[type=search]"
  | "main"
  | "progress"
  | "svg, img";

type AlwaysById =
  | "ask"
  | "container-title"
  | "neutral-glyph"
  | "no-answer"
  | "nothing-yet"
  | "person"
  | "picture-error"
  | "text"
  | "undo"
  | `${string}-count`
  | `${string}-error`;

/** Attributes that an element has wherever a script reads them; others may be missing. */
interface PageData extends DOMStringMap {
  busyWords: string;
  activity: string;
  clientId: string;
  delete: string;
  done: string;
  drawing: string;
  emptyText: string;
  emptyTitle: string;
  errorFor: string;
  frame: string;
  init: string;
  interface: string;
  insert: string;
  limit: string;
  loss: string;
  moved: string;
  nativeLinks: string;
  none: string;
  origin: string;
  pattern: string;
  placeholder: string;
  slot: string;
  some: string;
  tooLarge: string;
  unknown: string;
  unnamed: string;
  words: string;
}

/** Replaced by the kind of element that pages have. */
type Replaced = "addEventListener" | "children" | "cloneNode" | "content" | "dataset" | "files" | "firstElementChild";
type AlsoReplaced = "parentElement" | "previousElementSibling" | "selectionEnd" | "selectionStart";

interface PageElement extends Omit<HTMLInputElement, Replaced | AlsoReplaced> {
  // Of forms, dialogs and templates.
  action: string;
  elements: Record<string, PageElement>;
  returnValue: string;
  content: PageFragment;
  requestSubmit(submitter?: HTMLElement): void;
  reset(): void;
  showModal(): void;
  submit(): void;
  // Of fields, if they are of a kind that has these.
  files: FileList;
  selectionStart: number;
  selectionEnd: number;
  dataset: PageData;
  children: HTMLCollectionOf<PageElement>;
  firstElementChild: PageElement | null;
  parentElement: PageElement | null;
  previousElementSibling: PageElement | null;
  cloneNode(deep?: boolean): PageElement;
  addEventListener: ListenTo & HTMLElement["addEventListener"];
}

interface PageFragment extends Omit<DocumentFragment, "firstElementChild"> {
  firstElementChild: PageElement;
  cloneNode(deep?: boolean): PageFragment;
}

/** A page of ours, be it another's answer. */
type Page = Document;

/** An event as our elements send it. */
type Sent<Kind extends Event> = Omit<Kind, "currentTarget" | "target"> & { currentTarget: PageElement; target: PageElement };
type Submitted = Sent<Omit<SubmitEvent, "submitter"> & Event> & { submitter: PageElement | null };
type Dropped = Sent<DragEvent> & { dataTransfer: DataTransfer };

interface ListenTo {
  (kind: "submit", listener: (event: Submitted) => void): void;
  (kind: "click" | "change" | "input" | "focusin" | "focusout" | "error", listener: (event: Sent<Event>) => void, isEarly?: boolean): void;
  (kind: "keydown", listener: (event: Sent<KeyboardEvent>) => void): void;
  (kind: "dragover" | "dragleave" | "drop", listener: (event: Dropped) => void): void;
}

interface ParentNode {
  querySelector(selectors: Always): PageElement;
  querySelector(selectors: "iframe"): PageFrame;
  querySelector(selectors: string): PageElement | null;
  querySelectorAll(selectors: string): NodeListOf<PageElement>;
}

interface Element {
  closest(selectors: "li"): PageElement;
  closest(selectors: string): PageElement | null;
}

interface Document {
  addEventListener(kind: "submit", listener: (event: Submitted) => void): void;
  addEventListener(kind: "click" | "error", listener: (event: Sent<Event>) => void, isEarly?: boolean): void;
  getElementById(id: AlwaysById): PageElement;
  getElementById(id: string): PageElement | null;
}

interface DocumentEventMap {
  "logbook:ask": CustomEvent;
}

interface Window {
  BX24: Library;
}

/** Finds a part of a page that answers may replace; these two are there whenever they are asked for. */
interface Slot {
  (page: Page | PageElement, name: "history" | "outcome"): PageElement;
  (page: Page | PageElement | null, name: string): PageElement | null;
}

/** What gets an answer of the composer; `place` is where the person was when they asked. */
type Taking = (page: Page, sent: FormData, place: PageElement) => void;
type TakingIfAny = (page: Page | null, sent: FormData, place: PageElement) => void;

/** What somebody has chosen in the portal's window, by kinds of cards; nobody has looked at it yet. */
type ChosenCards = Record<string, ChosenCard | ChosenCard[]>;
type ChosenCard = { id?: unknown; title?: unknown } | null;

/** A block of a native layout: all that our script reads or changes in one of whatever kind. */
interface Block {
  properties: BlockProperties;
}

interface BlockProperties {
  action: { value: string };
  blocks: Blocks;
  imageSrc: string;
  selectedValue: string;
  text: string;
  value: string;
}

type Blocks = Record<string, Block>;

/** What is in the fields of a form that was drawn; where there is no form, nothing is. */
interface Values extends Record<string, string | string[]> {
  also_on: string[];
  icon: string;
  text: string;
  title: string;
}

/** What the server wants drawn, as b24app/web/native/drawing.py describes it. */
type Drawing = DrawnForm | (Drawn & { blocks: null });

interface Drawn {
  kind: string;
  notice: Block | null;
  again: "post" | "open";
  form: Record<string, string | string[]>;
  values: Values;
  pictures: Record<string, string>;
  origin: string;
}

interface DrawnForm extends Drawn {
  blocks: Blocks;
}

/** Drawn above the form that is there. */
interface DrawnNotice extends Partial<Drawn> {
  notice: Block | null;
  blocks?: null;
}

interface FirstDrawing extends Drawn {
  blocks: Blocks | null;
  words: Record<"post" | "busy" | "open" | "close" | "kept", string>;
  unanswered: Block;
  unopened: Block;
  outdated: Block;
  plain: Block;
  marks: [string, string];
  addresses: Record<"open" | "post" | "insert" | "keep", string>;
}

/** What somebody has typed, chosen or pressed in a block that the portal has drawn. */
interface BlockEvent {
  id: string;
  value: string;
}

type PortalAnswer = { result?: unknown } | null;
