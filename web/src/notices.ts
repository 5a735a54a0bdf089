/** What the page has to say beside the tale: for the eye as notices that one takes away, for the ear in a live region. */

import { button, h, known } from "./dom";
import { onSheet } from "./sheet";

/** Says something that the player has to know. It stays until it is taken away. */
export function notice(words: string, kind: "note" | "trouble" = "note"): void {
  const box = h("div", { class: `notice ${kind}`, role: kind === "trouble" ? "alert" : null }, h("p", {}, words));
  box.append(button("Dismiss", () => box.remove(), { class: "plain" }));
  const place = onSheet(".notices") ?? known("notices");
  for (const one of place.children) if (one.firstChild?.textContent === words) one.remove();
  place.append(box);
  if (kind === "note") say(words);
}

export function clearNotices(): void {
  known("notices").replaceChildren();
}

/** Says something to those who listen. */
export function say(words: string): void {
  (onSheet(".status") ?? known("status")).textContent = words;
}

/** What went wrong, in words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
