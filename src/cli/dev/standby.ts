import { readStart } from '../../wiring/start.ts';
import type { FromStandby, ToStandby } from './standby-process.ts';

/** The next instance of `voicechart dev`: loads all it needs beside the one that runs, and begins when told. */

const tell = (message: FromStandby): void => void (process.connected && process.send?.(message));

/** Not before it is told to begin may it stop by itself: what runs then has its own way with signals. */
let begun = false;
process.on('disconnect', () => void (begun || process.exit(0)));

async function prepare(): Promise<void> {
  const reading = await readStart(process.env);
  if ('problems' in reading) return tell({ type: 'unfit', problems: reading.problems });
  await Promise.all([import('../../wiring/instance.ts'), import('../../wiring/doors.ts')]);
  const { loadRtc } = await import('../../adapters/livekit/rtc.ts');
  await loadRtc();
  return tell({ type: 'ready' });
}

process.once('message', async (message: ToStandby) => {
  begun = message.type === 'begin';
  await import('../../main.ts');
});
await prepare().catch((error: unknown) => tell({ type: 'unfit', problems: [firstLines(error)] }));

/** Where the fault is stands above the words of a syntax error, and below those of others. */
function firstLines(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return stack.split('\n').slice(0, 4).join('\n');
}
