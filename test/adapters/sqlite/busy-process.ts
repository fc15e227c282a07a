// Writes as fast as it can and says what was answered, until it is killed.
import { argv, stdout } from 'node:process';
import { openSqlite } from '../../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import { eventOf, recordOf, stateEntry } from '../../support/call-drafts.ts';

const { store, log } = await openSqlite({ dir: argv[2] ?? '', clock: systemClock });
await store.ingest(eventOf('EV_0'));
await store.claim('call-1');
const say = (what: string, n: number) => () => void stdout.write(`${what} ${n}\n`);

for (let n = 1; n < 500; n += 1)
  await Promise.all([
    store.ingest(eventOf(`EV_${n}`)).then(say('mail', n)),
    store.commit(recordOf(1, n)).then(say('commit', n)),
    log.append('call-1', 1, [stateEntry(n)]).then(say('entry', n)),
  ]);
