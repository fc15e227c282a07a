import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createSipLines, type SipLines, type SipSet } from '../adapters/recovery/sip.ts';
import type { Failure } from '../failure.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';
import type { InstanceOptions } from './instance.ts';

/** Up to a quarter of a second, so that two instances are not in each other's way. */
const outOfStepMs = 250;

/** The lines of SIP_FILE, at the LiveKit of the settings. */
export function sipLinesOf({
  config,
  secrets,
  lines,
  log,
}: Pick<InstanceOptions, 'config' | 'secrets' | 'lines' | 'log'>): SipLines {
  const { sipFile: path } = config;
  return createSipLines({
    file: path === undefined ? undefined : { path, read: async () => secrets.readSip(await readFile(path, 'utf8')) },
    admin: lines.sipAdmin,
    applied: (set, changes) =>
      log.info(
        {
          code: 'recovery.sip_applied',
          set,
          changes: changes.map(({ do: what, kind, name }) => `${what} ${kind} ${name}`),
        },
        'telephone lines were made as the file says',
      ),
    pause: () => delay(Math.random() * outOfStepMs),
  });
}

const setOf = (posture: Pick<PostureBoard, 'now'>): SipSet => (posture.now().sipSet === 'backup' ? 'backup' : 'main');

/**
 * Whether lines went missing at LiveKit; nothing when none did. That one is otherwise than here is no trouble: other instances may have
 * a newer file. Where the backup set is in force the main one may be there already.
 */
export const linesMissing =
  (lines: SipLines, posture: Pick<PostureBoard, 'now'>) =>
  async (signal: AbortSignal): Promise<Failure | undefined> => {
    const look = (set: SipSet) => lines.lookFor(set)({ target: 'livekit-sip', since: 0 }, { signal });
    const main = await look('main');
    const result = 'did' in main || setOf(posture) === 'main' ? main : await look('backup');
    return 'did' in result ? undefined : result;
  };
