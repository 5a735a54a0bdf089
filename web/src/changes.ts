/** Following the author: where the story changes on the server, the page begins anew with it, and the tale goes on as far as it fits. */

import { notice } from "./notices";
import type { Player } from "./player";

const RESUME = "everytale:resume";

/** Shows the title or, after a change of the story, the tale that was under way; and goes on listening for changes. */
export async function followChanges(player: Player): Promise<void> {
  const resumed = takeResumed();
  if (resumed === null || !(await player.load(resumed))) await player.title();
  const { changes, fingerprint } = player.config;
  if (changes === null) return;
  const events = new EventSource(changes);
  events.addEventListener("story", (event: MessageEvent<string>) => {
    if (event.data === fingerprint) return;
    events.close();
    void reload(player);
  });
  events.addEventListener("trouble", (event: MessageEvent<string>) => notice(event.data, "trouble"));
}

async function reload(player: Player): Promise<void> {
  await player.game.saved();
  if (player.playing && player.game.autosave !== null) sessionStorage.setItem(RESUME, player.game.autosave);
  location.reload();
}

function takeResumed(): string | null {
  try {
    const found = sessionStorage.getItem(RESUME);
    sessionStorage.removeItem(RESUME);
    return found;
  } catch {
    return null;
  }
}
