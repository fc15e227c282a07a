import type { SpokenWords } from '../../emulators/phone/types.ts';
import type { ShownLine } from '../../tools/demo/record.ts';
import { isEvent } from './call-story.ts';
import type { TestCall } from './call-world.ts';

/** Disclosure and greeting have been heard, and the agent listens. */
export async function greeted(call: Pick<TestCall, 'until'>): Promise<void> {
  await call.until((_, { lines }) => finishedTurns(lines) >= 2);
}

/** The caller says something and hears the answer to its end. Gives what was said, and the agent's line. */
export async function ask(
  call: Spoken & { readonly phone: Pick<TestCall['phone'], 'sayWords'> },
  text: string,
  answer: RegExp,
): Promise<{ said: SpokenWords; line: ShownLine }> {
  const after = call.entries().at(-1)?.seq ?? 0;
  const said = await call.phone.sayWords(text);
  return { said, line: await answered(call, answer, after) };
}

/** A call as those need it who talk in it. */
type Spoken = Pick<TestCall, 'until' | 'entries' | 'story'> & { readonly phone: Pick<TestCall['phone'], 'when'> };

/** The agent's line that fits, written after an entry of the log, once the caller has heard it to its end. */
export async function answered(call: Spoken, answer: RegExp, after = 0): Promise<ShownLine> {
  const fits = (line: ShownLine | undefined) => line?.who === 'agent' && line.finished && answer.test(line.text);
  await call.until(
    (entry, { lines }) => entry.seq > after && entry.kind === 'line' && fits(lines.get(String(entry.data['id']))),
  );
  const playedAt = call.entries().findLast(isEvent('playback.finished'))?.at ?? 0;
  // What is reckoned heard may still be on its way on a busy machine.
  await call.phone.when('sound.ended', ({ endMs }) => endMs > playedAt - 1000);
  return [...call.story().lines.values()].findLast(fits)!;
}

const finishedTurns = (lines: ReadonlyMap<string, ShownLine>): number =>
  [...lines.values()].filter((line) => line.who === 'agent' && line.finished).length;

/** The conversation in plain lines, backchannels in brackets, a cut marked by a stroke. */
export const transcript = (call: Pick<TestCall, 'story'>): string[] =>
  [...call.story().lines.values()].map(({ who, text, name, cut, backchannel }) => {
    if (who === 'tool') return `tool: ${name} → ${text}`;
    return `${who}: ${backchannel ? `(${text})` : text}${cut ? ' /' : ''}`;
  });
