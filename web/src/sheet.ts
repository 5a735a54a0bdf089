/** A sheet: something laid over the tale, which Escape takes away. Only one lies there at a time. */

import { button, h, type Child } from "./dom";

let lying: HTMLDialogElement | null = null;
/** Where the focus was before the first of the sheets that came one after another. */
let returning: Element | null = null;

export function isOpen(): boolean {
  return lying?.open === true;
}

/** The place on the sheet that lies there, if one does: all that is not on it can neither be seen nor heard. */
export function onSheet(place: ".notices" | ".status"): HTMLElement | null {
  return lying?.open ? lying.querySelector<HTMLElement>(place) : null;
}

/** Takes away the sheet that lies there. */
export function closeSheet(): void {
  lying?.close();
}

/** Lays down a sheet in place of the one that lies there, and returns what it holds, to be changed. `closed` is called when it is taken away. */
export function openSheet(title: string, content: Child[], options: { wide?: boolean; closed?: () => void } = {}): HTMLElement {
  if (lying === null) returning = document.activeElement;
  const before = lying;
  const body = h("div", { class: "body" }, ...content);
  const close = button("Close", closeSheet, { class: "plain" });
  const head = h("div", { class: "head" }, h("h2", { id: "sheet-title" }, title), close);
  const dialog = h("dialog", { class: options.wide ? "sheet wide" : "sheet", "aria-labelledby": "sheet-title" });
  dialog.append(head, h("div", { class: "notices" }), body, h("div", { class: "status unseen", role: "status" }));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (lying === dialog) lying = null;
    options.closed?.();
    if (lying === null && document.activeElement === document.body && returning instanceof HTMLElement) returning.focus({ preventScroll: true });
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  lying = dialog;
  before?.close();
  document.body.append(dialog);
  dialog.showModal();
  (body.querySelector<HTMLElement>("[data-first]") ?? body.querySelector<HTMLElement>("button, input, a[href], summary") ?? close).focus();
  return body;
}
