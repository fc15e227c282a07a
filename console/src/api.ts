import type { CallCommand, CallView, ListedCall } from '../../src/runtime/calls.ts';
import type { Incident } from '../../src/runtime/alert-book.ts';
import type { Role } from '../../src/runtime/api-keys.ts';
import type { Chart } from '../../src/runtime/chart.ts';

/** What the door or the phone answered instead of what was asked for, for a person. */
class Refusal extends Error {}

/** Nobody is there; somebody may be later. */
export class Unreachable extends Error {}

/** Nobody is logged in, or no longer. */
export class LoggedOut extends Error {}

/** Who is logged in. */
export interface Person {
  readonly name: string;
  readonly role: Role;
}

let loggedOut: (error: LoggedOut) => void = () => {};
/** Told whenever the door asks for a key. */
export const whenLoggedOut = (told: (error: LoggedOut) => void): void => void (loggedOut = told);

/** An alert as the door lists it. */
export type AlertView = Omit<Incident, 'told'>;

/** A source that is refused for a while. */
export interface BlockView {
  readonly id: string;
  readonly kind: string;
  readonly source?: string;
  readonly pii?: { readonly phone: string };
  readonly why: string;
  readonly since: number;
  readonly until: number;
}

/** The page is served by the door it speaks to. */
const base = new URL('/', location.href);

export const callsNow = async (): Promise<readonly ListedCall[]> =>
  ((await ask('v1/calls?limit=100')) as { calls: ListedCall[] }).calls;

export const chartsNow = async (): Promise<readonly Chart[]> => ((await ask('v1/chart')) as { charts: Chart[] }).charts;

/** Who is logged in; rejects with `LoggedOut` when nobody is. */
export const whoNow = async (): Promise<Person> => (await ask('v1/session')) as Person;

/** By a key, or by the end of a link that is good once. */
export const logIn = async (by: { readonly key: string } | { readonly link: string }): Promise<Person> =>
  (await ask('v1/session', by)) as Person;

export const logOut = async (): Promise<void> => {
  await reach(new URL('v1/session', base), undefined, 'DELETE').catch(() => {});
  loggedOut(new LoggedOut(''));
};

const callPath = (key: string): string => `v1/calls/${encodeURIComponent(key)}`;

export const eventsUrl = (key: string, after: number): string =>
  new URL(`${callPath(key)}/events?after=${after}`, base).href;

/** The call, and how far the server's clock is ahead of ours. */
export async function callNow(key: string): Promise<{ call: CallView; aheadMs: number }> {
  const response = await reach(new URL(callPath(key), base));
  if (response.status === 404) throw new Refusal('There is no such call here. Its address may be incomplete');
  const call = (await answerOf(response)) as CallView;
  return { call, aheadMs: aheadOf(response) };
}

const viewPath = { health: 'v1/health', recovery: 'v1/recovery' } as const;

/** Where a view of this name is streamed. */
export const viewUrl = (name: keyof typeof viewPath): string => new URL(`${viewPath[name]}/events`, base).href;

/** Open ones, and the last that were; newest first. */
export const alertsNow = async (): Promise<readonly AlertView[]> =>
  ((await ask('v1/alerts?limit=50')) as { alerts: AlertView[] }).alerts;

export const blocksNow = async (): Promise<readonly BlockView[]> =>
  ((await ask('v1/security/blocks?limit=50')) as { blocks: BlockView[] }).blocks;

/** A source is refused no longer. */
export const letIn = async (id: string): Promise<void> => {
  await answerOf(await reach(new URL(`v1/security/blocks/${encodeURIComponent(id)}`, base), undefined, 'DELETE'));
};

/** What was escalated has been mended by hand. */
export const acknowledge = (): Promise<unknown> => ask('v1/recovery/acknowledge', {});

export const command = (key: string, told: CallCommand): Promise<unknown> => ask(`${callPath(key)}/commands`, told);

/** What a visitor of the demo lets the emulated caller do. */
export type CallerAct =
  | { readonly type: 'say' | 'keys'; readonly text: string }
  | { readonly type: 'dial' | 'hang_up' };

export const tellPhone = async (
  phone: string,
  act: CallerAct,
): Promise<{ callKey?: string; dialled?: boolean; hungUp?: boolean }> =>
  (await answerOf(await reach(new URL(phone), act))) as object;

const ask = async (path: string, body?: object): Promise<unknown> => answerOf(await reach(new URL(path, base), body));

async function reach(url: URL, body?: object, method = body ? 'POST' : 'GET'): Promise<Response> {
  const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  try {
    return await fetch(url, { method, ...json });
  } catch {
    throw new Unreachable(`${url.host} does not answer`);
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const answer = (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined;
  if (response.ok) return answer;
  const { title, fix, error } = answer ?? {};
  if (response.status === 401) throw asksForKey(answer);
  throw new Refusal([title ?? error ?? `answered ${response.status}`, fix].filter(Boolean).join('. '));
}

function asksForKey({ code, title, fix }: Record<string, unknown> = {}): LoggedOut {
  const told = code === 'link_used' ? `${title}. ${fix}` : `${title}`;
  const error = new LoggedOut(code === 'key_missing' ? '' : told);
  loggedOut(error);
  return error;
}

/** The header has whole seconds: less than two is no difference that could be told. */
function aheadOf(response: Response): number {
  const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
  return Math.abs(ahead) < 2_000 || Number.isNaN(ahead) ? 0 : ahead;
}
