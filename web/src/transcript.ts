/** The tale so far, with what was chosen, as Markdown that reads as plain text too: the very text that a terminal writes. */

import type { Told, View } from "./view";

export const BREAK = "* * *";

export function transcript(view: View): string {
  const lines = [`# ${view.title}`, ...prose(view.opening)];
  for (const turn of view.turns) {
    if (turn.option !== null) lines.push(`> ${turn.option}`);
    lines.push(...prose(turn.told));
  }
  if (view.ending !== null) lines.push(`*${view.ending}*`);
  return `${lines.join("\n\n")}\n`;
}

function prose(told: readonly Told[]): string[] {
  return told.flatMap((piece) => {
    const scene = piece.occasion === "scene" ? [piece.title ? `## ${piece.title}` : BREAK] : [];
    return [...scene, ...piece.paragraphs];
  });
}
