import { startEmulators, type Emulators } from '../../emulators/all.ts';
import type { Rule } from '../../emulators/openai/script.ts';
import { type PeerEvent, type PeerSession, startPeer } from './session.ts';

/** What became of one caller's turn under a fault, and of the session after it. */
export interface PeerResult {
  /** From the caller's last sound until the agent's first; the whole time that was waited when there was none. */
  readonly silenceMs: number;
  readonly silent: boolean;
  /** The answer was heard to its end. */
  readonly completed: boolean;
  /** Once the vendor was well again the next turn was answered. */
  readonly survived: boolean;
}

export interface PeerFault {
  readonly number: `M${number}`;
  readonly vendor: string;
  /** As in the table of ours. */
  readonly name: string;
  readonly ears?: 'flux';
  readonly rules?: readonly Rule[];
  /** Before the caller speaks. */
  strike?(emulators: Emulators): void;
  /** When the caller has begun to be understood. */
  strikeHeard?(emulators: Emulators): void;
}

const rules: readonly Rule[] = [
  { user: 'red', text: 'Ruby it is, a fine stone, and rare. It is yours.' },
  { text: 'Then jade.' },
];

/** The faults of `docs/faults.md`, by the numbers under which they were first seen with LiveKit Agents. */
export const peerFaults: readonly PeerFault[] = [
  {
    number: 'M1',
    vendor: 'Nova',
    name: 'is reset in mid-stream',
    strikeHeard: (them) => them.deepgram.strikeOpen({ kind: 'reset' }),
  },
  {
    number: 'M2',
    vendor: 'Flux',
    name: 'is reset in mid-stream',
    ears: 'flux',
    strikeHeard: (them) => them.deepgram.strikeOpen({ kind: 'reset' }),
  },
  {
    number: 'M5',
    vendor: 'Nova',
    name: 'stalls in mid-stream',
    strikeHeard: (them) => them.deepgram.strikeOpen({ kind: 'stall' }),
  },
  {
    number: 'M6',
    vendor: 'OpenAI',
    name: 'hangs before its first result',
    strike: (them) => void them.openai.faults.add({ kind: 'hang' }),
  },
  {
    number: 'M7',
    vendor: 'OpenAI',
    name: 'stalls in mid-stream',
    strike: (them) => void them.openai.faults.add({ kind: 'stall', after: 10 }),
  },
  {
    number: 'M8',
    vendor: 'OpenAI',
    name: 'answers 500',
    strike: (them) => void them.openai.faults.add({ kind: 'status', status: 500 }),
  },
  {
    number: 'M9',
    vendor: 'Cartesia',
    name: 'answers 500',
    strike({ cartesia }) {
      cartesia.faults.add({ kind: 'status', status: 500 });
      cartesia.faults.add({ kind: 'drop' });
    },
  },
  {
    number: 'M9',
    vendor: 'Cartesia',
    name: 'hangs before its first result',
    strike: (them) => void them.cartesia.faults.add({ kind: 'hang' }),
  },
  {
    number: 'M11',
    vendor: 'Tool',
    name: 'never gives a result',
    rules: [{ user: 'red', tools: [{ name: 'look', input: {} }] }],
  },
];

const patienceMs = 60_000;
const nextTurnMs = 20_000;

/** One session, one turn under the fault, one after it. */
export async function tryPeer(fault: PeerFault): Promise<PeerResult> {
  const emulators = await startEmulators({ openai: { rules: [...(fault.rules ?? []), ...rules] } });
  const peer = await startPeer(emulators, fault.ears ?? 'nova').catch(async (error: unknown) => {
    await emulators.close();
    throw error;
  });
  try {
    const turn = await turnUnder(fault, emulators, peer);
    healed(emulators);
    return { ...turn, survived: await answersNext(peer) };
  } finally {
    await peer.stop();
    await emulators.close();
  }
}

async function turnUnder(fault: PeerFault, emulators: Emulators, peer: PeerSession) {
  fault.strike?.(emulators);
  peer.say('well i like red');
  if (fault.strikeHeard) {
    await understood(emulators);
    fault.strikeHeard(emulators);
  }
  const said = (await peer.when(is('said'), patienceMs))!;
  const sound = await peer.when((event) => event.type === 'sound.began' && event.atMs > said.atMs, patienceMs);
  const whole = sound && (await peer.when(({ text }) => text === 'yours.', nextTurnMs));
  return {
    silenceMs: Math.round((sound?.atMs ?? said.atMs + patienceMs) - said.atMs),
    silent: sound === undefined,
    completed: whole !== undefined,
  };
}

const is = (type: PeerEvent['type']) => (event: PeerEvent) => event.type === type;

async function understood({ deepgram }: Emulators): Promise<void> {
  const hasWords = () =>
    JSON.stringify(deepgram.journal.entries({ type: 'message.sent' })).includes('"transcript":"well');
  while (!hasWords()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function healed({ deepgram, openai, cartesia }: Emulators): void {
  for (const { faults } of [deepgram, openai, cartesia]) faults.clear();
}

async function answersNext(peer: PeerSession): Promise<boolean> {
  const from = peer.events.length;
  peer.say('now green please');
  return (
    (await peer.when((event) => event.text === 'jade.' && peer.events.indexOf(event) >= from, nextTurnMs)) !== undefined
  );
}
