/** The tale as it is read: its prose in parts, each of which begins with what the player chose. */

import { h } from "./dom";
import type { Told, Turn, View } from "./view";

/** A part of the tale: a choice, and all that followed until the next one. */
interface Part {
  turns: readonly Turn[];
  element: HTMLElement;
}

export class Tale {
  readonly element = h("article", { class: "tale" });
  private parts: Part[] = [];

  /** Shows the tale. Returns what is new: the first part that differs from what was shown, or the last one. */
  show(view: View): HTMLElement {
    const wanted = parts(view);
    let same = 0;
    while (same < this.parts.length && same < wanted.length && alike(this.parts[same]?.turns, wanted[same])) same += 1;
    for (const part of this.parts.splice(same)) part.element.remove();
    for (const turns of wanted.slice(same)) {
      const element = partElement(turns, this.parts.length, this.parts.length === 0 ? view.opening : []);
      this.parts.push({ turns, element });
      this.element.append(element);
    }
    if (this.parts[0] && this.element.querySelector("h1") === null) this.element.prepend(h("h1", { class: "title" }, typeset(view.title)));
    const shown = this.parts[Math.min(same, this.parts.length - 1)];
    return shown?.element ?? this.element;
  }

  clear(): void {
    this.parts = [];
    this.element.replaceChildren();
  }
}

/** What the tale came to, once it has. */
export function endedWords(view: View): string {
  if (view.ending !== null) return `The end: ${view.ending}`;
  return view.stopped === "dead end" ? "Nothing more can happen here." : "The tale has gone on for long enough.";
}

/** How the tale ended, set apart. */
export function endingElement(view: View): HTMLElement {
  if (view.ending === null) return h("div", { class: "ending" }, h("p", { class: "over" }, endedWords(view)));
  return h("div", { class: "ending" }, h("p", { class: "over" }, "The end"), h("h2", {}, typeset(view.ending)));
}

/** What can be chosen, as buttons with numbers. */
export function choicesElement(labels: readonly string[], choose: (index: number) => void): HTMLElement {
  return h(
    "ol",
    { class: "choices", id: "choices", "aria-label": "What you can do" },
    ...labels.map((label, index) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "choice", click: () => choose(index), "aria-keyshortcuts": index < 9 ? String(index + 1) : null },
          h("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
          h("span", { class: "label" }, label),
        ),
      ),
    ),
  );
}

/** All that a part says, to be read out. */
export function spoken(part: HTMLElement): string {
  return [...part.querySelectorAll("p, h2")].map((one) => one.textContent).join("\n");
}

/** A line that a player can go back to, with what was told there. */
export function firstWords(turn: Turn, most = 72): string {
  const text = turn.told.flatMap((piece) => piece.paragraphs)[0] ?? "";
  if (text.length <= most) return text;
  return `${text.slice(0, text.lastIndexOf(" ", most))} …`;
}

/** A title as it is printed: its apostrophes curled. */
export function typeset(title: string): string {
  return title.replace(/(?<=\p{L})'(?=\p{L})/gu, "’");
}

function parts(view: View): Turn[][] {
  const found: Turn[][] = [[]];
  for (const turn of view.turns) {
    if (turn.option !== null) found.push([]);
    found.at(-1)?.push(turn);
  }
  return found;
}

/** Whether these are the very same turns: those before a choice, or before what it took back, are not told anew. */
function alike(before: readonly Turn[] | undefined, after: readonly Turn[] | undefined): boolean {
  return before?.length === after?.length && before?.every((turn, index) => turn === after?.[index]) === true;
}

function partElement(turns: readonly Turn[], number: number, opening: readonly Told[]): HTMLElement {
  const label = number === 0 ? "The beginning" : `After choice ${number}`;
  const element = h("div", { class: "part", role: "group", tabindex: -1, "aria-label": label });
  element.append(...prose(opening));
  for (const turn of turns) {
    if (turn.option !== null) element.append(h("p", { class: "chosen" }, h("span", { class: "unseen" }, "You chose: "), turn.option));
    element.append(...prose(turn.told));
  }
  return element;
}

function prose(told: readonly Told[]): HTMLElement[] {
  return told.flatMap((piece) => {
    const paragraphs = piece.paragraphs.map((text) => h("p", { class: piece.occasion === "ending" ? "last" : null }, text));
    if (piece.occasion !== "scene") return paragraphs;
    const opens = piece.title ? h("h2", { class: "scene" }, piece.title) : h("div", { class: "break", role: "separator" });
    return [opens, ...paragraphs];
  });
}
