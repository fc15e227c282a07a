import type { DialFailure } from '../../actors/dialer.ts';
import { errorText } from '../../agent.ts';
import type { CallContext, ToolLine } from './context.ts';
import type { CallEvent } from './events.ts';
import { finishedTool, startedTool } from './history.ts';

type Change = Partial<CallContext>;

/** Names it for good: an agent's turn is followed by one at most. */
const keyOf = ({ callKey, turn }: CallContext): string => `${callKey}:${turn}:${transferTool}`;

const transferTool = 'transfer_call';

/** Written down as a tool that must not happen twice: a new owner of the call finds it begun, and never begins it again. */
export function begunTransfer(context: CallContext, at: number): Change {
  const { turn, transferTo } = context;
  const input = JSON.stringify({ to: transferTo });
  const key = keyOf(context);
  return {
    afterReply: 'listen',
    ...startedTool(context, {
      type: 'reply.tool_started',
      turn,
      id: `transfer-${turn}`,
      key,
      name: transferTool,
      input,
      effect: 'once',
      at,
    }),
  };
}

/** The transfer that has no result yet is given one, for the model. */
export function failedTransfer(context: CallContext, event: CallEvent): Change {
  const begun = context.history.findLast((line): line is ToolLine => line.who === 'tool' && line.name === transferTool);
  if (!begun || begun.text !== undefined) return {};
  const text = textFor(context.transferTo, event.type === 'transfer.failed' ? event.outcome : { result: 'unknown' });
  return finishedTool(context, {
    type: 'reply.tool_finished',
    turn: begun.turn,
    key: begun.key,
    ok: false,
    text,
    at: begun.at,
  });
}

const said: Readonly<Record<DialFailure['result'], string>> = {
  busy: 'is busy',
  no_answer: 'does not answer',
  rejected: 'does not take the call',
  unreachable: 'cannot be reached',
  failed: 'cannot be reached now',
  unknown: 'was called, and what came of it is not known; do not try again by yourself',
};

function textFor(to: string, { result, sipStatus }: DialFailure): string {
  const status = sipStatus === undefined ? '' : ` (SIP ${sipStatus})`;
  const code = result === 'unknown' ? 'outcome_unknown' : 'failed';
  return errorText(code, `${to} ${said[result]}${status}. The caller is still on the line: tell them.`);
}
