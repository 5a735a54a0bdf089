/** The page that plays a story. */

import "../style/page.css";
import { readConfig } from "./config";
import { followChanges } from "./changes";
import { applyDisplay } from "./display";
import { notice, wordsOf } from "./notices";
import { Player } from "./player";
import { isOpen } from "./sheet";

applyDisplay();
const config = readConfig();
document.documentElement.lang = config.language;
const player = new Player(config);

document.addEventListener("keydown", (event) => {
  if (isOpen() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.matches("input, select, textarea")) return;
  if ((event.key === "Enter" || event.key === " ") && at.closest("button, a[href], summary")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (stepChoice(at, event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    return;
  }
  if (event.repeat && event.key !== " ") return; // a key that is held is pressed once
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (player.key(key)) event.preventDefault();
});

/** From the choice that has the focus to the next one, or the one before. */
function stepChoice(at: Element, step: number): boolean {
  const choices = [...document.querySelectorAll<HTMLElement>(".choice")];
  const here = choices.indexOf(at as HTMLElement);
  if (here < 0) return false;
  choices[(here + step + choices.length) % choices.length]?.focus();
  return true;
}

followChanges(player).catch((error: unknown) => notice(wordsOf(error), "trouble"));
