/** What has happened: to go back to any earlier choice, and to ask why. */

import { button, h, type Child } from "./dom";
import { wordsOf } from "./notices";
import type { Player } from "./player";
import { openSheet } from "./sheet";
import { firstWords } from "./tale";
import type { Reasons, Turn } from "./view";

export function showHistory(player: Player): void {
  const { view } = player.game;
  const lines = view.turns.flatMap((turn, number): HTMLElement[] => {
    const told = firstWords(turn);
    if (turn.option === null && told === "") return [];
    return [line(player, turn, number, told)];
  });
  openSheet("What happened", [
    lines.length > 0 ? h("ol", { class: "history" }, ...lines) : h("p", {}, "Nothing has happened yet."),
    h("p", { class: "note" }, "Going back to a choice takes back all that followed. Why tells what goes on in others, which your person may not know."),
  ]);
}

function line(player: Player, turn: Turn, number: number, told: string): HTMLElement {
  const said = turn.option === null ? h("p", {}, told) : h("p", { class: "chosen" }, turn.option);
  const also = turn.option !== null && !turn.chosen && told !== "" ? h("p", {}, told) : null;
  const what = turn.option ?? told;
  const back = turn.option === null ? null : button("Back to here", () => void player.rewind(number), { "aria-label": `Back to here, before: ${what}` });
  return h("li", { value: number + 1 }, said, also, h("p", { class: "row" }, back, whyButton(player, number, what)));
}

/** A button that tells why a move was made, below itself: only when it is asked, since it tells what others think. */
export function whyButton(player: Player, number: number, what: string): HTMLElement {
  const ask = button("Why?", () => void tell(), { class: "plain", "aria-label": `Why: ${what}`, "aria-expanded": "false" });
  const answer = h("span", { class: "why", role: "status" });
  const tell = async () => {
    const open = ask.getAttribute("aria-expanded") === "true";
    ask.setAttribute("aria-expanded", String(!open));
    answer.replaceChildren(...(open ? [] : await player.game.engine.why(number).then(whyWords, (error: unknown) => [wordsOf(error)])));
  };
  return h("span", { class: "asked" }, ask, answer);
}

function whyWords(reasons: Reasons): (Node | string)[] {
  if (reasons.people.length === 0) return ["Nobody chose it: it happened."];
  return reasons.people.map(({ person, because, plan }) => {
    const words: Child[] = [h("b", {}, person), because.length > 0 ? `: ${because.join(", and ")}.` : " had no plan: it slipped out."];
    if (plan.length > 1) words.push(` What was meant to come of it: ${plan.join("; then ")}.`);
    return h("span", { class: "reason" }, ...words);
  });
}
