import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../clock.ts';
import { type KeysFile, readKeysFile, shortKeys } from '../../config/keys-file.ts';
import type { ChangingKeyRing } from '../../key-ring.ts';

/** What became of the file. Names of keys only, never a secret. */
export type KeysNews =
  | { readonly type: 'changed'; readonly signing: string; readonly keys: readonly string[] }
  /** The ring stays as it was. Told once for each different trouble. */
  | { readonly type: 'unusable'; readonly problems: readonly string[] }
  /** Others than its owner may read it. Told once, until it is mended. */
  | { readonly type: 'open_to_others' };

interface KeysWatchOptions {
  readonly path: string;
  /** Holds what the file held when it was read for the first time. */
  readonly ring: ChangingKeyRing;
  /** Whether short secrets make a file unusable. */
  readonly mustBeLong: boolean;
  readonly clock: Clock;
  readonly note: (news: KeysNews) => void;
}

/** Who writes in place is not done with the first byte: only what stays as it is for so long is taken. */
const settleMs = 200;
/** Where the system tells nothing: network drives, and secrets that are mounted as links. */
const lookEveryMs = 2000;

/** Changes the ring as the file changes, until it is closed. */
export function watchKeysFile({ path, ring, mustBeLong, clock, note }: KeysWatchOptions): { close(): void } {
  let seen = { state: stateOf(readKeysFile(path)), sinceMs: clock.now() };
  let held = keysText(ring.all());
  let told: string | undefined;
  let wasOpen = false;
  let settling: unknown;

  function look(): void {
    const file = readKeysFile(path);
    const state = stateOf(file);
    if (state !== seen.state) seen = { state, sinceMs: clock.now() };
    if (clock.now() - seen.sinceMs >= settleMs) return take(file);
    clock.clearTimeout(settling);
    settling = clock.setTimeout(look, settleMs);
  }

  function take(file: KeysFile): void {
    if (file.isOpenToOthers && !wasOpen) note({ type: 'open_to_others' });
    wasOpen = file.isOpenToOthers;
    const problems = 'problems' in file.reading ? file.reading.problems : tooShort(file.reading.keys);
    if (problems.length > 0 && told !== seen.state) note({ type: 'unusable', problems });
    told = problems.length > 0 ? seen.state : undefined;
    if (problems.length > 0 || 'problems' in file.reading) return;
    const { keys } = file.reading;
    if (keysText(keys) === held) return;
    held = keysText(keys);
    ring.change(keys);
    note({ type: 'changed', signing: ring.signing().apiKey, keys: [...keys.keys()] });
  }

  const tooShort = (keys: Parameters<typeof shortKeys>[0]) => (mustBeLong ? shortKeys(keys) : []);

  let polling: unknown;
  function poll(): void {
    look();
    polling = clock.setTimeout(poll, lookEveryMs);
  }
  const watcher = watchFolder(dirname(path), look);
  poll();
  return {
    close() {
      watcher?.close();
      clock.clearTimeout(polling);
      clock.clearTimeout(settling);
    },
  };
}

/** The folder, not the file: what is renamed into its place is another file. */
function watchFolder(folder: string, changed: () => void): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, changed).on('error', () => undefined);
  } catch {
    return undefined;
  }
}

const keysText = (keys: ReturnType<ChangingKeyRing['all']>): string =>
  JSON.stringify([...keys].map(([key, secret]) => [key, secret.reveal()]));

const stateOf = ({ reading }: KeysFile): string =>
  'keys' in reading ? keysText(reading.keys) : reading.problems.join();
