import { questions } from './agent-base.ts';
import type { Bed, BenchInstance } from './bed.ts';
import { dial, greeted, heardSound, pause, soundOver } from './call.ts';
import { type PickUp, pickUpOf, timeAfter, timingsOf, type TurnEntry } from './log.ts';
import { waitedForCore } from './process-usage.ts';

/** A question and its answer as the caller saw them. */
export interface AskedTurn {
  /** Caller's last sound → agent's first sound, at the phone. */
  readonly earMs: number;
  /** How long threads of ours waited for a core in that time, all together. */
  readonly waitedMs: number;
  /** Caller's first sound leaves the phone → our ear has it. */
  readonly wayInMs?: number;
  /** Agent's first sound leaves us → the phone has it. */
  readonly wayOutMs?: number;
}

/** What came of one call in which the caller asked questions. */
export interface QuestionCall {
  readonly asked: readonly AskedTurn[];
  /** What the instance measured of the same turns. */
  readonly turns: readonly TurnEntry[];
  readonly pickUp: PickUp | undefined;
}

/** One call in which the caller asks so many questions and hears the answers out. */
export async function questionCall(
  bed: Bed,
  instance: BenchInstance,
  agent: string,
  turns: number,
): Promise<QuestionCall> {
  const notesBefore = instance.webhookNotes.length;
  const call = await dial(bed, instance, agent);
  const { phone } = call;
  const pids = [instance.pid, bed.server.pid, bed.phones.pid, process.pid];
  await greeted(phone);
  const seen: { spokeFrom: number; spokeUntil: number; heardAt: number; waitedMs: number }[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    // oxlint-disable no-await-in-loop -- a conversation
    const { words, startMs: spokeFrom } = await phone.sayWords(questions[turn % questions.length]!);
    const spokeUntil = words.at(-1)!.endMs;
    const waited = waitedForCore(pids);
    const heardAt = await heardSound(phone, spokeUntil);
    seen.push({ spokeFrom, spokeUntil, heardAt, waitedMs: waitedForCore(pids) - waited });
    await soundOver(phone, heardAt);
    await pause(500, 900);
    // oxlint-enable no-await-in-loop
  }
  const entries = await call.end();
  return {
    asked: seen.map(({ spokeFrom, spokeUntil, heardAt, waitedMs }) => {
      const heardFrom = timeAfter(entries, 'caller.voice_started', spokeFrom);
      const leftAt = timeAfter(entries, 'playback.started', spokeUntil);
      return {
        earMs: heardAt - spokeUntil,
        waitedMs,
        ...(heardFrom === undefined ? {} : { wayInMs: heardFrom - spokeFrom }),
        ...(leftAt === undefined ? {} : { wayOutMs: heardAt - leftAt }),
      };
    }),
    turns: timingsOf(entries),
    pickUp: pickUpOf(instance.webhookNotes.slice(notesBefore), entries, phone.events()),
  };
}
