import type { Clock } from '../clock.ts';
import type { Logger } from '../runtime/log.ts';
import { sourceBlocked } from './watchman.ts';

/** What came of one request: for the log, so without bodies, and with its address as it was declared. */
export interface RequestNote {
  /** Id of the key that came; empty for nobody. */
  readonly keyId: string;
  readonly method: string;
  /** Of the route: `/v1/calls/{id}/commands`. */
  readonly path: string;
  readonly status: number;
  /** Of the problem, if it is one. */
  readonly code?: string;
}

/** Who is refused needs no key: more lines a minute are counted, not written. */
const mostRefusals = 60;
const minuteMs = 60_000;

/** Writes who changed what (`api.changed`), and who was refused (`security.<code>`). */
export function createDoorLog(
  log: Pick<Logger, 'info' | 'warn'>,
  clock: Pick<Clock, 'now'>,
): (note: RequestNote) => void {
  let minute = { from: -Infinity, lines: 0 };
  let missing = 0;

  function refused({ code = 'refused', ...rest }: RequestNote): void {
    if (clock.now() >= minute.from + minuteMs) minute = { from: clock.now(), lines: 0 };
    if (minute.lines >= mostRefusals) return void (missing += 1);
    minute.lines += 1;
    const before = missing === 0 ? {} : { missing };
    missing = 0;
    log.warn({ code: `security.${code}`, ...rest, ...before }, 'a request was refused');
  }

  return (note) => {
    if (note.status === 401 || note.status === 403 || note.code === sourceBlocked.code) return refused(note);
    if (note.method === 'get' || note.keyId === '') return undefined;
    const { code: problem, ...rest } = note;
    return log.info(
      { ...rest, code: 'api.changed', ...(problem === undefined ? {} : { problem }) },
      'a request to change something',
    );
  };
}
