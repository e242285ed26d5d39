/**
 * What scripts find in pages: elements of forms, for the most part. A checker cannot know more of a template, but it
 * knows all that such elements have, and so finds what is written wrongly.
 */
interface PageElement extends Omit<HTMLInputElement, "content"> {
  content: { cloneNode(deep: true): any; firstElementChild: any };
  action: string;
  elements: Record<string, HTMLInputElement>;
  returnValue: string;
  requestSubmit(submitter?: HTMLElement): void;
  reset(): void;
  showModal(): void;
}

interface ParentNode {
  querySelector(selectors: string): PageElement | null;
  querySelectorAll(selectors: string): NodeListOf<PageElement>;
}

interface Document {
  getElementById(id: string): PageElement | null;
}

interface DocumentFragment {
  getElementById(id: string): PageElement | null;
}

interface FormDataConstructor {
  new (form?: PageElement, submitter?: HTMLElement): FormData;
}

interface DocumentEventMap {
  "logbook:ask": CustomEvent;
}

interface Window {
  BX24: object;
}

interface EventTarget {
  closest(selectors: string): PageElement | null;
}
