import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { callMachineVersion } from '../../src/machines/call/call.machine.ts';
import { conversationStates } from '../../src/cli/conversation-states.ts';
import { everyMoment, type Moment } from './call-moments.ts';

/** What a version of the machine saved of a call, where its conversation stood in a state of its own. */
export type KeptRecord = Moment['record'] & { readonly version: string; readonly at: number };

const folder = fileURLToPath(new URL('../fixtures/records/', import.meta.url));
const fileOf = (version: number | string): string => `${folder}call-${version}.jsonl`;

/** Of every version that was kept. */
export const keptRecords = (): readonly KeptRecord[] =>
  readdirSync(folder).flatMap((name) =>
    readFileSync(`${folder}${name}`, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as KeptRecord),
  );

/** Keeps what the present version saves, once. False when it was not there before. */
export async function keepPresent(): Promise<boolean> {
  const file = fileOf(callMachineVersion);
  if (existsSync(file)) return true;
  const lines = (await firstOfEachPlace()).map(({ record, atMs }) =>
    JSON.stringify({ version: String(callMachineVersion), at: atMs, ...record }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
  return false;
}

/** Where the conversation stands, to the level at which turns differ. */
const placeOf = ({ record }: Moment): string => conversationStates(record.value).slice(0, 3).join('.');

async function firstOfEachPlace(): Promise<Moment[]> {
  const places = new Set<string>();
  return (await everyMoment()).filter((moment) => {
    const isNew = !places.has(placeOf(moment));
    places.add(placeOf(moment));
    return isNew;
  });
}
