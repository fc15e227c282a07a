import type { Actor, ActorRefLike, AnyActorLogic, InspectionEvent } from 'xstate';

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
  'silenced',
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

/**
 * What may leave the process of an inspection event: built anew from what is known to be harmless, not stripped of the
 * rest, so that it can be converted at any time. Every call numbers its actors from `x:0` on: `prefix` goes before their
 * ids.
 */
export function allowed(event: InspectionEvent, prefix: string): InspectionEvent {
  const actorRef = shownActor(event.actorRef as Actor<AnyActorLogic>, prefix);
  return {
    type: event.type,
    rootId: prefix + event.rootId,
    actorRef,
    ...particulars(event, prefix),
  } as InspectionEvent;
}

function particulars(event: InspectionEvent, prefix: string): object {
  if (event.type === '@xstate.event') return { sourceRef: idOf(event.sourceRef, prefix), event: told(event.event) };
  if (event.type === '@xstate.snapshot') return { event: told(event.event), snapshot: standing(event.snapshot) };
  return {};
}

const idOf = (actor: ActorRefLike | undefined, prefix: string) => actor && { sessionId: prefix + actor.sessionId };

/** As much of an actor as is shown: what it is called and how it is drawn. */
function shownActor(actor: Actor<AnyActorLogic>, prefix: string): object {
  const { config } = actor.logic as { readonly config?: Fields };
  const isUnnamed = actor.id === actor.sessionId && typeof config === 'object';
  return {
    ...idOf(actor, prefix),
    id: nameOf(isUnnamed ? config['id'] : actor.id),
    logic: { config: typeof config === 'object' ? drawn(config) : undefined },
    _parent: idOf(actor._parent, prefix),
    getSnapshot: justBegun,
  };
}

/** An actor is told of before it has a snapshot. */
const justBegun = () => ({ status: 'active' });

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

const drawings = new WeakMap<object, unknown>();

/** Drawn once: the same machine runs every call. */
function drawn(config: Fields): unknown {
  const drawing = drawings.get(config) ?? drawnNode(config);
  drawings.set(config, drawing);
  return drawing;
}

/** A state, transition, invocation or action by its names. */
function drawnNode(node: unknown): unknown {
  if (typeof node === 'string') return nameOf(node);
  if (typeof node === 'function') return { type: nameOf(node.name) };
  if (Array.isArray(node)) return node.map(drawnNode);
  const fields = Object.entries((node ?? {}) as Fields).flatMap(([name, value]): [string, unknown][] => {
    if (definitionMaps.has(name)) return [[name, drawnMap(value)]];
    if (definitionLists.has(name) || name === 'target') return [[name, drawnNode(value)]];
    return definitionFields.has(name) ? [[name, nameOf(typeOf(value))]] : [];
  });
  return Object.fromEntries(fields);
}

const drawnMap = (map: unknown): Fields =>
  Object.fromEntries(Object.entries((map ?? {}) as Fields).map(([name, value]) => [nameOf(name), drawnNode(value)]));

function typeOf(value: unknown): unknown {
  if (typeof value === 'function') return value.name;
  return typeof value === 'object' ? (value as Fields | null)?.['type'] : value;
}
