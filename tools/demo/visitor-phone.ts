import type { DemoPhone } from './caller.ts';
import type { Api } from '../../src/cli/follow.ts';
import { callIn } from './call-in.ts';
import { newRoom } from './world.ts';
import type { World } from './world-shape.ts';

/** The phone in a visitor's hand; one call at a time. */
export interface VisitorPhone {
  /** Does what the console asked for and says in which call; rejects with what is wrong with it, for a person. */
  act(asked: unknown): Promise<object>;
}

export const forms =
  'send {"type":"dial"}, {"type":"say","text":"…"}, {"type":"keys","text":"4701#"} or {"type":"hang_up"}';

const from = '+15550142';
const mostText = 300;
const greetedWithinMs = 15_000;
const manners = 500;

export function createVisitorPhone(world: Api & Pick<World, 'dial'>): VisitorPhone {
  let phone: { readonly line: DemoPhone; readonly callKey: string } | undefined;

  async function pickUp() {
    if (phone) return { ...phone, dialled: false };
    const room = newRoom(from);
    const line = await world.dial(room, from);
    phone = { line, callKey: await callIn(world, room) };
    void line.ended.then(() => (phone = undefined));
    return { ...phone, dialled: true };
  }
  return {
    async act(asked) {
      const { type, text } = readAct(asked);
      if (type === 'hang_up') {
        const held = phone;
        await held?.line.hangUp();
        return { hungUp: held !== undefined };
      }
      const { line, callKey, dialled } = await pickUp();
      if (type === 'keys') void line.digits(text).catch(() => undefined);
      if (type === 'say') void speak(line, text, dialled).catch(() => undefined);
      return { callKey, dialled };
    },
  };
}

/** Whoever has just phoned in lets the agent greet first. */
async function speak(line: DemoPhone, text: string, dialled: boolean): Promise<void> {
  if (dialled) {
    await line.hears(/\?$/, 0, greetedWithinMs);
    await new Promise((resolve) => setTimeout(resolve, manners));
  }
  await line.say(text);
}

interface Act {
  readonly type: 'dial' | 'say' | 'keys' | 'hang_up';
  readonly text: string;
}

function readAct(asked: unknown): Act {
  const { type, text } = (asked ?? {}) as { readonly type?: unknown; readonly text?: unknown };
  if (type === 'dial' || type === 'hang_up') return { type, text: '' };
  if (type !== 'say' && type !== 'keys') throw new Error(`type: ${forms}`);
  const said = typeof text === 'string' ? text.trim() : '';
  if (said === '' || said.length > mostText) throw new Error(`text: send 1 to ${mostText} characters`);
  if (type === 'keys' && !/^[0-9*#A-D]+$/.test(said)) throw new Error('text: a telephone has the keys 0 to 9, * and #');
  return { type, text: said };
}
