/** A tale, its people, and its realm, as the page shows them. `engine.ts` makes them of what the engine answers. */

/** A piece of prose. `title`: that of a scene which opens, if it has one. */
export interface Told {
  occasion: "scene" | "close" | "move" | "learned" | "ending";
  title: string | null;
  paragraphs: string[];
}

/** One move of the tale. `option`: what the player chose, or `null` where it followed by itself; `chosen`: whether the move is theirs. */
export interface Turn {
  move: string;
  chosen: boolean;
  option: string | null;
  told: Told[];
}

/** A number up to 2 to the 64th: those that are too long for JavaScript are text. */
export type Seed = number | string;

/** A tale as it stands. Its turns before `from` are those of the answer before. */
export interface View {
  title: string;
  player: string;
  teller: string;
  seed: Seed;
  from: number;
  turns: Turn[];
  opening: Told[];
  options: string[];
  points: number[];
  stopped: "ending" | "dead end" | "length" | null;
  ending: string | null;
  departure: string | null;
}

/** What the player's person takes to be in somebody else: what they think otherwise than that person, and what they might do now. */
export interface Mind {
  person: string;
  thinks: string[];
  might: string[];
}

/** What somebody wants by a move, and the plan that it begins. */
export interface Reason {
  because: string[];
  plan: string[];
}

/** Why a move was made: `truth`, and `taken`, what the player's person makes of it. `seen`, `foreseen`: by that person. */
export interface Reasons {
  event: boolean;
  chosen: boolean;
  seen: boolean;
  foreseen: boolean;
  slipped: boolean;
  people: { person: string; truth: Reason | null; taken: Reason | null }[];
}

export type Bounds = [low: number, high: number];

/** How far the realm is known. */
export interface Extent {
  states: number;
  expanded: number;
  moves: number;
  whole: boolean;
  /** There is no room for more. */
  full?: boolean;
}

/** A way in which tales turn out. */
export interface Fate {
  name: string;
  kind: "ending" | "dead end" | "endless";
  odds: Bounds;
}

/** A moment of the tale: the odds of every fate there, and after everything that could be chosen there (`null`: waiting). */
export interface Moment {
  odds: Bounds[];
  choices: { move: string | null; odds: Bounds[] }[];
}

/**
 * The realm folded by a few facts. `fate`: of a place that is a way to end; `visits`, `often`: how often a tale comes there, or goes
 * that way, on average; `way`: the places that the tale came through.
 */
export interface RealmMap {
  facts: string[];
  places: { name: string[]; fate: number | null; situations: number; depth: number; visits: number }[];
  flow: [from: number, to: number, moves: number, often: number][];
  way: number[];
}
