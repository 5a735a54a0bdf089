/** Odds in words and as bars. They are bounds: the truth lies between the two numbers. */

import { h } from "./dom";
import { typeset } from "./tale";
import type { Bounds, Fate } from "./view";

/** Bounds that lie closer together are shown as one number. */
const CLOSE = 0.005;

export function oddsWords([low, high]: Bounds): string {
  if (high <= 0) return "never";
  if (low >= 1) return "for certain";
  if (high - low < CLOSE) return percent((low + high) / 2);
  return `${percent(low)} to ${percent(high)}`;
}

/** A bar that is full as far as the odds certainly go, and hatched as far as they might. */
export function bar([low, high]: Bounds, fate: number): HTMLElement {
  const track = h("span", { class: `track ${colour(fate)}`, "aria-hidden": "true" });
  track.style.setProperty("--low", `${low * 100}%`);
  track.style.setProperty("--high", `${high * 100}%`);
  return track;
}

export function fateWords(fate: Fate): string {
  if (fate.kind === "ending") return typeset(fate.name);
  return fate.kind === "dead end" ? "Nothing more can happen" : "It goes on for ever";
}

/** The class of a fate's colour. A name or a number always stands beside it. */
export function colour(fate: number | null): string {
  return fate === null ? "place" : `c${fate % 8}`;
}

function percent(odds: number): string {
  const value = odds * 100;
  if (value > 0 && value < 0.1) return "under 0.1%";
  if (value < 100 && value > 99.9) return "over 99.9%";
  return `${value < 10 || value > 90 ? Number(value.toFixed(1)) : Math.round(value)}%`;
}
