/** What the scripts of the portal in a box work with. */

/** An application's frame in a page of the portal. */
interface Frame {
  holder: PageElement;
  iframe: PageFrame;
  sid: string;
  origin: string;
  clientId: string;
  /** What the application gets at its start, such as `PLACEMENT` and `LANG`. */
  init: Record<string, any>;
  /** What the placement offers. */
  known: { command: string[]; event: string[] };
  /** The callbacks of bound events. */
  events: Map<string, string>;
  /** How the portal answers, in which running portals differ. */
  dialect: PageData;
  /** Where the portal draws, if it does so for this frame. */
  area: Area | null;
}

type PageFrame = HTMLIFrameElement & PageElement;

/** Sends a command's answer, if the frame wants one. */
type Reply = (answer?: unknown) => void;

/** A command of a frame; what it brings has been typed by anybody. */
type Run = (frame: Frame, parameters: any, reply: Reply, callback: string) => unknown;

type AsyncRun = (...given: Parameters<Run>) => Promise<void>;

interface Command {
  run: Run;
  /** Offered in some placements only. */
  inPlacement?: boolean;
}

/** A command that draws in an area; what it returns is its answer. */
type DrawingRun = (area: Area, parameters: any) => object;

/** What has the layout of a hidden frame. */
interface Area {
  setLayout(layout: Given): void;
  setButton(name: ButtonName, given: Given): void;
  /** Returns whether there is such a block; null leaves it as visible as it is. */
  setItem: SetState;
  /** Tells what happens to one block, or to all. */
  subscribe(kind: string, id: string, reply: Reply): void;
  lock(isLocked: boolean): void;
  finish(): void;
}

type ButtonName = "primary" | "secondary";

interface Button {
  element: HTMLButtonElement;
  /** What was asked for; null when that is no button. */
  params: Properties | null;
}

interface Subscriber {
  kind: string;
  id: string;
  reply: Reply;
}

/** Tells the frame what a person does in its layout. */
type Tell = (kind: string, value: { id?: string; value?: unknown }) => void;

/** What an application says of a block, or its blocks by their identifiers: nobody has looked at it yet. */
type Properties = Record<string, any>;
type SetState = (id: string, visible: boolean | null, properties: Properties) => boolean;

/** What a block has of its area. */
interface BlockContext {
  tell: Tell;
  act(id: string, action: Properties): unknown;
  dialect: PageData;
}

interface DrawnBlock {
  element: HTMLElement;
  update(properties: Properties): void;
  /** Of blocks that have others in them. */
  setState?: SetState;
}

/** A block in its place, which is there once it was drawn. */
interface KeptBlock extends DrawnBlock {
  type: string;
  item?: HTMLElement;
}

type NewBlock = (id: string, context: BlockContext) => DrawnBlock;

/** Blocks in one element. */
interface Collection {
  element: HTMLElement;
  show(blocks: Properties): void;
  setState: SetState;
}

/** What a field was given last: its value, and what there is to choose from, written as JSON. */
interface GivenValue {
  value: unknown;
  values: string;
}

interface Message {
  command: string;
  parameters: any;
  callback: string;
}

/** A row of a list to choose from. */
interface Choice {
  id: number | string;
  name?: string;
  title?: string;
  type: string;
}

/** Whatever JSON has. */
type Given = Record<string, any> | null | undefined;
type Callback = (answer?: any) => unknown;
type Call = [method: string, parameters?: any] | { method: string; params?: any };

interface Options {
  get(name?: string): any;
  set(name: string, value: unknown, callback?: Callback): void;
}

/** BX24, the library that applications in frames use. */
interface Library {
  init(callback: () => void): unknown;
  install(then: string | (() => void)): unknown;
  installFinish(): void;
  getAuth(): any;
  refreshAuth(callback?: Callback): void;
  callMethod(method: string, parameters?: Given, callback?: Callback): void;
  callBatch(calls: Record<string, Call> | Call[], callback?: Callback, halt?: boolean): void;
  callBind(event: string, handler: string, authType?: number, callback?: Callback): void;
  callUnbind(event: string, handler: string, authType?: number, callback?: Callback): void;
  isAdmin(): boolean;
  getLang(): string;
  getDomain(): string;
  getScrollSize(): { scrollWidth: number; scrollHeight: number };
  appOption: Options;
  userOption: Options;
  resizeWindow(width: number | string, height: number, callback?: Callback): void;
  fitWindow(callback?: Callback): void;
  setTitle(title: unknown, callback?: Callback): void;
  scrollParentWindow(scroll: number, callback?: Callback): void;
  reloadWindow(callback?: Callback): void;
  closeApplication(callback?: Callback): void;
  openApplication(parameters?: Given, callback?: Callback): void;
  openPath(path: string, callback?: Callback): void;
  // A title or a value may be left out before the callback.
  selectUser(title: any, callback?: Callback): void;
  selectUsers(title: any, callback?: Callback): void;
  selectAccess(title: any, value?: any, callback?: Callback): void;
  selectCRM(parameters?: Given, callback?: Callback): void;
  im: {
    callTo(userId: number, video?: boolean): void;
    phoneTo(phone: string): void;
    openMessenger(dialogId?: string): void;
    openHistory(dialogId: string): void;
  };
  placement: {
    info(): { placement: string; options: any };
    getInterface(callback: Callback): void;
    call(command: string, parameters?: Given, callback?: Callback): void;
    bindEvent(event: string, callback: Callback): void;
  };
  proxy(run: Function, thisObject: unknown): Function;
  ready(run: () => void): void;
  isReady(): boolean;
  getOrigin(): string;
}
