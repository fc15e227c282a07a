import type { CallSummary } from '../runtime/call-log.ts';
import type { CallView } from '../runtime/calls.ts';

export const callsHelp = `Usage: voicechart calls <verb> [options]

Calls of an instance that runs, by its API. ID is what the list shows first;
left out, or \`latest\`, it is the newest call, and where something is to be told
to a call, the newest one that goes on.

  list                     newest first
    --limit N              at most so many, 20 if left out
    --live                 only those that go on
  show [ID]                one call, and what was said so far
  follow [ID]              what is said and what the call does, as it happens;
                           ends with the call
  say [ID] TEXT            the agent says this next
  transfer [ID] NAME       puts the caller through to somebody the agent names
  hang-up [ID]             ends the call
  dial                     calls somebody; OUTBOUND_ALLOW says who may be called
    --agent NAME --to NUMBER                     both are needed
    --from NUMBER          one of the trunk       --ring SECONDS   5 to 80
    --input JSON           what the agent is told of this call
    --key NAME             the same name is the same call, however often it is
                           said; 16 to 200 characters
    --follow               goes on as \`follow\` does

  --api URL                of the API; http://API_ADDR if left out
  --json                   JSON: a line for each answer, log entry or refusal
  -h, --help               this text

Settings: API_ADDR (127.0.0.1:8081) and VOICECHART_API_KEY, a key of
\`voicechart api-keys create\`: a viewer's to see, an operator's to tell.

Exit codes:
  0   done                                 1   there is no such call, or not now
  64  this command is written otherwise   69   no instance answers
  77  no key, or one that may not         78   API_ADDR is wrong
  130 stopped
`;

/** One call as a line of the list. */
export function callLine(call: CallSummary): string {
  const { callKey, startedAt, agent = '', pii, direction } = call;
  const when = new Date(startedAt).toISOString().slice(5, 16).replace('T', ' ');
  const who = `${direction === 'out' ? 'to ' : ''}${pii.phone ?? '-'}`;
  return `${callKey}\n  ${[when, agent.padEnd(14), who.padEnd(16), stateOf(call)].join('  ')}\n`;
}

function stateOf({ endedAt, startedAt, why, outcome, turns }: CallSummary): string {
  if (endedAt === undefined) return `goes on, ${turns} turns`;
  const seconds = Math.round((endedAt - startedAt) / 1000);
  return `${outcome && outcome.result !== 'answered' ? outcome.result : (why ?? 'over')}, ${seconds} s, ${turns} turns`;
}

/** One call above its transcript. */
export function callHeader(call: CallView): string {
  const room = call.room === undefined ? '' : `  room ${call.room}\n`;
  return `${callLine(call)}${room}\n`;
}
