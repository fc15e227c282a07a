import type { Clock } from '../../clock.ts';
import type { LineLook } from '../line-look.ts';
import type { CallNotice, Sighting } from '../notices.ts';
import type { FromWorker, Told } from './messages.ts';

/** Way of what calls tell to the process that counts it, many at a time. */
export interface Uplink {
  notice(notice: CallNotice): void;
  look(look: LineLook): void;
  sighting(sighting: Sighting): void;
  /** All that was told so far goes before what is sent next. */
  flush(): void;
}

interface UplinkOptions {
  /** `sent`: it is on its way and takes no place here any more. */
  readonly send: (message: FromWorker, sent: () => void) => void;
  readonly clock: Clock;
  /** Told how many entries were dropped, because nobody took them, once somebody does again. */
  readonly dropped: (entries: number) => void;
}

const flushMs = 100;
const largestBatch = 200;
/** The parent is stopped, or far behind: its figures will have gaps. */
const mostWaiting = 50;

const empty = () => ({ notices: [] as CallNotice[], looks: [] as LineLook[], sightings: [] as Sighting[] });

const sizeOf = ({ notices, looks, sightings }: Told): number => notices.length + looks.length + sightings.length;

export function createUplink({ send, clock, dropped }: UplinkOptions): Uplink {
  let batch = empty();
  let waiting = 0;
  let lost = 0;
  let timer: ReturnType<Clock['setTimeout']>;

  function flush(): void {
    clock.clearTimeout(timer);
    timer = undefined;
    const told = batch;
    batch = empty();
    if (sizeOf(told) === 0) return;
    if (waiting >= mostWaiting) return void (lost += sizeOf(told));
    waiting += 1;
    send({ type: 'told', ...told }, () => (waiting -= 1));
    if (lost > 0) dropped(lost);
    lost = 0;
  }

  const added = () => {
    if (sizeOf(batch) >= largestBatch) return flush();
    timer ??= clock.setTimeout(flush, flushMs);
  };

  return {
    notice(notice) {
      batch.notices.push(notice);
      added();
    },
    look(look) {
      batch.looks.push(look);
      added();
    },
    sighting(sighting) {
      batch.sightings.push(sighting);
      added();
    },
    flush,
  };
}
