import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** Counters and moments in contexts; everything else there may be speech, a number or words of the agent. */
const contextFields = new Set([
  'epoch',
  'turn',
  'callerTurn',
  'tries',
  'nudges',
  'repeats',
  'troubles',
  'round',
  'saidCount',
  'hearingSession',
  'hearingTries',
]);

/** Of events: how long, how loud, which turn. */
const eventFields = new Set(['at', 'turn', 'utterance', 'final', 'ok', 'heardMs', 'quietMs', 'onsetMs', 'levelDb']);

/** What draws a machine. No inputs, outputs, descriptions or parameters of actions. */
const definitionFields = new Set(['id', 'type', 'initial', 'target', 'reenter', 'src', 'guard', 'delay', 'history']);

/** Those whose own fields are names of states, events or delays. */
const definitionMaps = new Set(['states', 'on', 'after']);
const definitionLists = new Set(['always', 'invoke', 'entry', 'exit', 'actions', 'onDone', 'onError', 'onSnapshot']);

/** A name that code gave; a telephone number or a sentence is none. */
const codeName = /^(?=.*[A-Za-z(])[\w.:#*()[\]$-]{0,160}$/;

/** What may leave the process of an inspection event: built anew from what is known to be harmless, not stripped of the rest. */
export function allowed(event: StatelyInspectionEvent): StatelyInspectionEvent {
  const { type, rootId, sessionId, createdAt, id, _version } = event;
  return { type, rootId, sessionId, createdAt, id, _version, ...particulars(event) } as StatelyInspectionEvent;
}

function particulars(event: StatelyInspectionEvent): object {
  if (event.type === '@xstate.event') return { sourceId: event.sourceId, event: told(event.event) };
  if (event.type === '@xstate.snapshot') return { event: told(event.event), snapshot: standing(event.snapshot) };
  const { name, parentId, definition, snapshot } = event;
  return { name: nameOf(name), parentId, definition: drawn(definition), snapshot: standing(snapshot) };
}

type Fields = Readonly<Record<string, unknown>>;

const nameOf = (name: unknown): string => (typeof name === 'string' && codeName.test(name) ? name : '[name]');

/** Snapshots of promises and callbacks hold inputs and outputs: their status is all that is shown. */
function standing(snapshot: unknown): object {
  const { status, value, context } = (snapshot ?? {}) as Fields;
  return {
    status: String(status),
    ...(value === undefined ? {} : { value: stateValue(value) }),
    ...(value === undefined ? {} : { context: facts(context, contextFields) }),
  };
}

function stateValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return nameOf(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [nameOf(name), stateValue(inner)]));
}

const told = (event: unknown): { type: string } => ({
  ...facts(event, eventFields),
  type: nameOf((event as Fields | undefined)?.['type']),
});

const facts = (fields: unknown, names: ReadonlySet<string>): Fields =>
  Object.fromEntries(
    Object.entries((fields ?? {}) as Fields).filter(
      ([name, value]) => names.has(name) && (typeof value === 'number' || typeof value === 'boolean'),
    ),
  );

function drawn(definition: string | undefined): string | undefined {
  return definition === undefined ? undefined : JSON.stringify(drawnNode(JSON.parse(definition)));
}

/** A state, transition, invocation or action by its names. */
function drawnNode(node: unknown): unknown {
  if (typeof node === 'string') return nameOf(node);
  if (Array.isArray(node)) return node.map(drawnNode);
  const fields = Object.entries((node ?? {}) as Fields).flatMap(([name, value]): [string, unknown][] => {
    if (definitionMaps.has(name)) return [[name, drawnMap(value)]];
    if (definitionLists.has(name) || name === 'target') return [[name, drawnNode(value)]];
    return definitionFields.has(name) ? [[name, nameOf(typeof value === 'object' ? typeOf(value) : value)]] : [];
  });
  return Object.fromEntries(fields);
}

const drawnMap = (map: unknown): Fields =>
  Object.fromEntries(Object.entries((map ?? {}) as Fields).map(([name, value]) => [nameOf(name), drawnNode(value)]));

const typeOf = (value: unknown): unknown => (value as Fields | null)?.['type'];
