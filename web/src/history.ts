/** What has happened: to go back to any earlier choice, and to ask why. */

import { labelOf } from "./config";
import { button, h } from "./dom";
import { wordsOf } from "./notices";
import type { Player } from "./player";
import { openSheet } from "./sheet";
import { firstWords } from "./tale";
import type { Reason, Reasons, Turn } from "./view";

export function showHistory(player: Player): void {
  const { view } = player.game;
  const lines = view.turns.flatMap((turn, number): HTMLElement[] => {
    const told = firstWords(turn);
    if (turn.option === null && told === "") return [];
    return [line(player, turn, number, told)];
  });
  openSheet("What happened", [
    lines.length > 0 ? h("ol", { class: "history" }, ...lines) : h("p", {}, "Nothing has happened yet."),
    h("p", { class: "note" }, "Going back to a choice takes back all that followed."),
  ]);
}

function line(player: Player, turn: Turn, number: number, told: string): HTMLElement {
  const said = turn.option === null ? h("p", {}, told) : h("p", { class: "chosen" }, turn.option);
  const also = turn.option !== null && !turn.chosen && told !== "" ? h("p", {}, told) : null;
  const what = turn.option ?? told;
  const back = turn.option === null ? null : button("Back to here", () => void player.rewind(number), { "aria-label": `Back to here, before: ${what}` });
  return h("li", { value: number + 1 }, said, also, h("p", { class: "row" }, back, whyButton(player, number, what)));
}

/**
 * A button that tells why a move was made, below itself: as the player's person sees it and, where that is asked for as well or the tale
 * is at its end, in truth.
 */
export function whyButton(player: Player, number: number, what: string): HTMLElement {
  const ask = button("Why?", () => void tell(), { class: "plain", "aria-label": `Why? ${what}`, "aria-expanded": "false" });
  const answer = h("span", { class: "why", role: "status" });
  const tell = async () => {
    const open = ask.getAttribute("aria-expanded") === "true";
    ask.setAttribute("aria-expanded", String(!open));
    answer.replaceChildren();
    if (!open) answer.append(...(await player.game.engine.why(number).then(words, (error: unknown) => [wordsOf(error)])));
  };
  const words = (reasons: Reasons): Node[] => {
    const others = reasons.people.filter((one) => one.person !== me);
    if (others.length === 0 || player.game.view.stopped !== null) return paragraphs(inTruth(reasons, me));
    const spoil = button("What they really thought", () => answer.replaceChildren(...paragraphs(inTruth(reasons, me))), { class: "plain" });
    return [...paragraphs(asSeen(reasons, me)), h("span", {}, spoil)];
  };
  const me = labelOf(player.config, player.game.view.player);
  return h("span", { class: "asked" }, ask, answer);
}

function paragraphs(words: readonly string[]): Node[] {
  return words.map((one) => h("span", { class: "reason" }, one));
}

/** What the player's person, called `me`, makes of it. It may be wrong. */
function asSeen(reasons: Reasons, me: string): string[] {
  const others = reasons.people.filter((one) => one.person !== me);
  if (!reasons.seen) return [...own(reasons, me), `${me} did not see it.`];
  return [
    ...own(reasons, me),
    ...others.map(({ person, taken }) => {
      if (reasons.slipped) return `It slipped out of ${person}: there was no plan behind it.`;
      if (!reasons.foreseen) return `It took ${me} by surprise, who had not thought that it could happen.`;
      if (taken === null) return `${me} could see no reason why ${person} would.`;
      return `As ${me} saw it, ${person} had something to gain by it${because(taken)}.`;
    }),
  ];
}

function inTruth(reasons: Reasons, me: string): string[] {
  if (reasons.event) return ["Nobody chose it: it happened."];
  const others = reasons.people.filter((one) => one.person !== me);
  return [
    ...own(reasons, me),
    ...others.map(({ person, truth }) => {
      if (reasons.slipped) return `It slipped out of ${person}: there was no plan behind it.`;
      if (truth === null) return `${person} had no reason to.`;
      const plan = truth.plan.length > 1 ? ` The plan: ${truth.plan.join("; then ")}.` : "";
      return `${person} had something to gain by it${because(truth)}.${plan}`;
    }),
  ];
}

/** What the player chose, and whether it was like their person. */
function own(reasons: Reasons, me: string): string[] {
  if (!reasons.chosen) return [];
  const truth = reasons.people.find((one) => one.person === me)?.truth ?? null;
  return [truth === null ? `You chose it. ${me} had no reason to.` : `You chose it. ${me} had a reason${because(truth)}.`];
}

function because(reason: Reason): string {
  return reason.because.length > 0 ? `: ${reason.because.join(", and ")}` : "";
}
