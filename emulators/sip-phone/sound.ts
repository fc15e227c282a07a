import { systemClock } from '../../src/clock.ts';
import { createEar } from '../phone/ear.ts';
import { createEventBook } from '../phone/event-book.ts';
import { createComfort } from '../phone/line-sound.ts';
import { createMouth } from '../phone/mouth.ts';
import { throughTelephone } from '../phone/telephone-band.ts';
import type { Phone, PhoneEvent } from '../phone/types.ts';
import { tonesOfText } from '../phone/words.ts';
import { openRtp } from './rtp.ts';
import type { Offer } from './sdp.ts';

/** A telephone as its user has it: hears words, sounds and keys, speaks and presses keys. */
export type Handset = Pick<Phone, 'events' | 'onEvent' | 'when' | 'heard' | 'sayWords' | 'sendDigits' | 'recording'>;

export interface CallSound {
  readonly handset: Handset;
  /** Where sound is to be sent to us. */
  readonly port: number;
  /** Silence and whatever is said go out from now on. */
  open(offer: Offer): void;
  close(): Promise<void>;
}

const soundDb = -50;

/** Ear and mouth of the emulated phone at the ends of an RTP line. */
export async function openSound(host: string): Promise<CallSound> {
  const clock = systemClock;
  const book = createEventBook();
  const note = (event: object) => book.note({ ...event, atMs: clock.now() } as PhoneEvent);
  const ear = createEar(note, soundDb);
  const rtp = await openRtp({
    host,
    now: clock.now,
    hear: (pcm) => void ear.hear(pcm, clock.now()),
    press: (digit) => note({ type: 'digit.heard', digit, identity: '' }),
  });
  const mouth = createMouth({
    clock,
    sink: rtp.sink,
    comfort: createComfort('noise'),
    add: (frame) => frame,
    began: (utterance, startMs) => note({ type: 'speech.began', utterance, startMs }),
    ended: ({ utterance, endMs, cut }) => note({ type: 'speech.ended', utterance, endMs, cut }),
  });
  let nextWord = 0;

  const sayWords: Phone['sayWords'] = async (text, tone) => {
    const { pcm, words } = tonesOfText(text, nextWord, tone);
    nextWord += words.length;
    const spoken = await mouth.say(throughTelephone(pcm));
    const said = words.filter(({ endSample }) => endSample / 16 <= spoken.saidMs);
    const msOf = (sample: number) => spoken.startMs + sample / 16;
    const placed = said.map(({ number, text: word, startSample, endSample }) => {
      return { number, text: word, startMs: msOf(startSample), endMs: msOf(endSample) };
    });
    return { ...spoken, words: placed };
  };

  const sendDigits: Phone['sendDigits'] = async (digits, { gapMs = 160 } = {}) => {
    for (const digit of digits) {
      // oxlint-disable-next-line no-await-in-loop
      await rtp.sendKey(digit);
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => clock.setTimeout(resolve, gapMs));
    }
  };

  return {
    handset: { ...book.view, sayWords, sendDigits, recording: async () => ear.recording() },
    port: rtp.port,
    open(offer) {
      rtp.connect(offer);
      mouth.open();
      note({ type: 'answered' });
    },
    async close() {
      await mouth.shut();
      rtp.close();
      note({ type: 'ended', reason: 'hung_up', sip: 'BYE' });
    },
  };
}
