import { anyDigits, type CallContext } from './context.ts';
import { tookTurn } from './history.ts';

/** What the agent asked the caller to type. */
export const enoughDigits = ({ max, terminator }: { readonly max: number; readonly terminator: string }) => ({
  afterReply: 'collectDigits' as const,
  digitsWanted: { max, terminator, asked: true },
  digits: '',
});

/** A key may have been pressed while nobody was there, and a part of a number is none: all of it is asked for again. */
export const forgotDigits = ({ digitsWanted }: CallContext): Partial<CallContext> => ({
  digits: '',
  afterReply: digitsWanted.asked ? 'collectDigits' : 'listen',
});

/** The keys, with what was said meanwhile, become the caller's turn. */
export function tookDigits(context: CallContext, at: number): Partial<CallContext> {
  const text = `[keys: ${withoutTerminator(context)}]`;
  const pending = [...context.pending, { id: -1 - context.callerTurn, text, final: true }];
  return { digits: '', digitsWanted: anyDigits, ...tookTurn({ ...context, pending }, at) };
}

function withoutTerminator({ digits, digitsWanted: { terminator } }: CallContext): string {
  const isEnded = terminator !== '' && digits.length > 1 && digits.endsWith(terminator);
  return isEnded ? digits.slice(0, -terminator.length) : digits;
}
