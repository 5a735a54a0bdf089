/** A tale under way, and the shelf on which it is kept: every choice is saved as soon as it is made. */

import type { Config } from "./config";
import type { Engine } from "./engine";
import { Fault } from "./fault";
import { made, read, type Save } from "./save";
import { checkName, isAutosave, nextAutosave, type Shelf } from "./shelf";
import type { Seed, View } from "./view";

export class Game {
  private shown: View | null = null;
  private slot: string | null = null;
  private trouble: string | null = null;
  private saving: Promise<void> = Promise.resolve();

  /** `troubled` hears why a save that is made by itself could not be. The tale goes on all the same. */
  constructor(
    readonly config: Config,
    readonly engine: Engine,
    readonly shelf: Shelf,
    private readonly troubled: (words: string) => void,
  ) {}

  /** The tale as it stands. */
  get view(): View {
    if (this.shown === null) throw new Error("no tale has begun");
    return this.shown;
  }

  get save(): Save {
    const { title, fingerprint, version } = this.config;
    const { player, teller, seed } = this.view;
    return { title, fingerprint, version, player, teller, seed, made: made(this.view) };
  }

  // ---- playing ----

  async begin(person: string, seed: Seed): Promise<void> {
    this.shown = whole(await this.engine.begin(person, seed, []), null);
    this.slot = null;
  }

  /** Goes on with the tale in a slot; in words, what became of it where the story has changed since. Throws a `Fault`, and then goes on as before. */
  async load(name: string): Promise<string | null> {
    return this.resume(read(await this.shelf.load(name)), name);
  }

  /** Goes on with the tale that a file holds, as `load` does. */
  async import(text: string): Promise<string | null> {
    return this.resume(read(text), null);
  }

  async choose(option: number): Promise<void> {
    this.next(await this.engine.choose(option));
  }

  async undo(): Promise<void> {
    this.next(await this.engine.undo());
  }

  async rewind(turn: number): Promise<void> {
    this.next(await this.engine.rewind(turn));
  }

  // ---- keeping ----

  /** Keeps the tale as it stands under a name, in place of what is there. */
  async keep(name: string): Promise<void> {
    checkName(name);
    await this.shelf.save(name, this.save);
  }

  /** When all that was to be saved has been. */
  saved(): Promise<void> {
    return this.saving;
  }

  /** The slot in which this tale is saved by itself. */
  get autosave(): string | null {
    return this.slot;
  }

  private next(view: View): void {
    this.shown = whole(view, this.shown);
    const save = this.save;
    this.saving = this.saving.then(() => this.put(save));
  }

  private async put(save: Save): Promise<void> {
    try {
      this.slot ??= await nextAutosave(this.shelf);
      await this.shelf.save(this.slot, save);
      this.trouble = null;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (trouble !== this.trouble) this.troubled(`It could not be saved. ${trouble}`);
      this.trouble = trouble;
    }
  }

  private async resume(save: Save, name: string | null): Promise<string | null> {
    if (!this.config.people.some((one) => one.name === save.player)) {
      const whose = save.title === this.config.title ? "" : ` It is a save of “${save.title}”.`;
      throw new Fault("unknown-name", `There is nobody called ${save.player} to play in this story.${whose}`);
    }
    await this.saving;
    this.shown = whole(await this.engine.begin(save.player, save.seed, save.made), null);
    const { departure } = this.shown;
    // Where the story has changed so that the save did not fit, the save is kept, and the tale goes on in another slot.
    this.slot = name !== null && isAutosave(name) && departure === null ? name : null;
    if (save.fingerprint === this.config.fingerprint && departure === null) return null;
    const other = save.title === this.config.title ? "The story has changed since this was saved." : `This is a save of “${save.title}”.`;
    if (departure === null) return `${other} All that had happened fits it still.`;
    return `${other} ${departure} The tale goes on from there; the save is kept as it was.`;
  }
}

/** The view with all its turns: the answer holds only those since it went on or back. */
function whole(view: View, before: View | null): View {
  return view.from === 0 || before === null ? view : { ...view, from: 0, turns: [...before.turns.slice(0, view.from), ...view.turns] };
}
