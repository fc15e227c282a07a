import { readFile } from 'node:fs/promises';
import { SipAdminError, type SipAdmin } from '../../actors/apply-sip.ts';
import {
  agentAttribute,
  type DispatchRule,
  type Held,
  type InboundTrunk,
  planOf,
  readSip,
  type SipThing,
} from '../../sip.ts';
import { type Checking, type Finding, toKnow, toMend, well } from './finding.ts';

const check = 'numbers';

/** What the numbers are held against. */
export interface SipWorld {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly roomPrefix: string;
  readonly agents: readonly string[];
}

/** Whether every number of ours leads to an agent, and whether LiveKit is as the file says. */
export async function checkSipRules(admin: Pick<SipAdmin, 'list'>, world: SipWorld, { tell }: Checking): Promise<void> {
  const held = await admin.list().catch((error: unknown) => {
    if (error instanceof SipAdminError) return error;
    throw error;
  });
  if (held instanceof SipAdminError) return tell(notListed(held));
  const wrong = numberFindings(held, world);
  for (const finding of wrong) tell(finding);
  const numbers = held.flatMap((thing) => (thing.kind === 'inbound' ? thing.numbers : []));
  if (wrong.length === 0)
    tell(numbers.length === 0 ? noNumbers : well(check, `${numbers.join(', ')}: each leads to an agent`));
  const text = await readFile(world.file, 'utf8').catch(() => undefined);
  if (text !== undefined) tell(fileFinding(text, held, world));
}

const noNumbers = toKnow(check, 'LiveKit has no telephone number', 'write sip.yaml, then: voicechart sip apply');

function notListed({ failure }: SipAdminError): Finding {
  if (/redis|not connected/i.test(failure.message))
    return toKnow(check, 'this LiveKit has no SIP: it runs without Redis', 'redis: { address: … } in livekit.yaml');
  if (failure.class === 'auth')
    return toMend(check, 'the key may not read trunks and rules', 'export LIVEKIT_API_KEY=…   (a key with all rights)');
  return toMend(check, failure.message, 'voicechart sip diff');
}

/** Numbers of LiveKit whose callers would meet nobody, and why. */
export function numberFindings(held: readonly Held[], { roomPrefix, agents }: SipWorld): readonly Finding[] {
  const rules = held.filter((thing) => thing.kind === 'rule');
  const trunks = held.filter((thing) => thing.kind === 'inbound');
  return [
    ...trunks.flatMap((trunk) => trunkFindings(trunk, rules)),
    ...rules.flatMap((rule) => ruleFindings(rule, roomPrefix, agents)),
  ];
}

function trunkFindings(trunk: Held<InboundTrunk>, rules: readonly DispatchRule[]): readonly Finding[] {
  const serving = rules.filter(({ trunks }) => trunks.length === 0 || trunks.includes(trunk.id));
  if (serving.some(({ numbers }) => numbers.length === 0)) return [];
  const covered = new Set(serving.flatMap(({ numbers }) => numbers).map(digits));
  if (trunk.numbers.length === 0 && covered.size > 0) return [];
  const left = trunk.numbers.filter((number) => !covered.has(digits(number)));
  const names = trunk.numbers.length === 0 ? [`trunk ${trunk.name || trunk.id}`] : left;
  return names.map((name) =>
    toMend(
      check,
      `${name} has no dispatch rule: callers hear nothing`,
      'voicechart sip apply   (sip diff shows what it would do)',
    ),
  );
}

const digits = (number: string): string => number.replace(/\D/g, '');

function ruleFindings(rule: DispatchRule, roomPrefix: string, agents: readonly string[]): readonly Finding[] {
  const { room, name, attributes } = rule;
  const begins = room.type === 'direct' ? room.name : room.prefix;
  const agent = attributes[agentAttribute];
  return [
    ...(begins.startsWith(roomPrefix)
      ? []
      : [
          toMend(
            check,
            `rule ${name} makes rooms that begin with ${JSON.stringify(begins)}, and ROOM_PREFIX is ${roomPrefix}: nobody answers`,
            `room: { prefix: ${roomPrefix} } in sip.yaml, then: voicechart sip apply`,
          ),
        ]),
    ...(agent === undefined || agents.includes(agent)
      ? []
      : [
          toMend(
            check,
            `rule ${name} names the agent ${agent}; there are ${agents.join(', ') || 'none'}, and the first answers`,
            `agent: ${agents[0] ?? '…'} in sip.yaml, then: voicechart sip apply`,
          ),
        ]),
  ];
}

function fileFinding(text: string, held: readonly Held[], { file, env }: SipWorld): Finding {
  const reading = readSip(text, env);
  if ('problems' in reading) {
    const [first] = reading.problems;
    const more = reading.problems.length > 1 ? `, and ${reading.problems.length - 1} more` : '';
    return toKnow('sip.yaml', `${file}:${first?.line}: ${first?.message}${more}`, 'voicechart sip diff');
  }
  return differenceFinding(reading.main, held);
}

function differenceFinding(wanted: readonly SipThing[], held: readonly Held[]): Finding {
  const { changes, blocked } = planOf(wanted, held, { prune: false });
  const count = changes.length + blocked.length;
  if (count === 0) return well('sip.yaml', 'LiveKit is as the file says');
  return toMend(
    'sip.yaml',
    `LiveKit differs from the file in ${count} thing(s)`,
    'voicechart sip apply   (sip diff shows it)',
  );
}
