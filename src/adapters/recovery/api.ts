import type { ApiMending } from '../../actors/mend-api.ts';
import type { Work, Worked } from '../../actors/trouble.ts';
import type { Failure } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import { classifyHttp } from '../classify.ts';
import { askHttp } from '../probes/http.ts';
import { bearing, inTurn, noWay } from './work.ts';

export interface ApiMendingOptions {
  /** Where a target answers plain HTTP; nothing where it does not. */
  readonly pageOf: (target: Target) => string | undefined;
  readonly look: Work;
  /** The same of LiveKit's other host; left out where there is none. */
  readonly lookAtFallback?: Work | undefined;
  /** Vendors that can do the same work here, a list for each kind of work. */
  readonly kinds: readonly (readonly Target[])[];
}

export function createApiMending(options: ApiMendingOptions): ApiMending {
  const { pageOf, look } = options;
  return {
    checkStatus: bearing(async (trouble, { signal }) => {
      const page = pageOf(trouble.target);
      return page === undefined ? look(trouble, { signal }) : statusOf(trouble.target, page, signal);
    }),
    retry: look,
    useFallback: createDetour(options),
  };
}

/** What whoever stands there says of itself: any answer will do that is none of a server in trouble. */
async function statusOf(target: Target, url: string, signal: AbortSignal): Promise<Worked | Failure> {
  const { status } = await askHttp({ url, signal });
  const message = `${target} answers with ${status}`;
  return status < 500 ? { did: message } : classifyHttp({ vendor: target, phase: 'rest', httpStatus: status, message });
}

const hosted: readonly Target[] = ['livekit-room', 'livekit-connect'];

/** Finds out whether there is another way and whether it works. Changes nothing. */
export function createDetour({ look, lookAtFallback, kinds }: Omit<ApiMendingOptions, 'pageOf'>): Work {
  const otherVendors: Work = async (trouble, options) => {
    const own = kinds.filter((kind) => kind.includes(trouble.target));
    if (own.length === 0) return noWay(trouble.target, `there is nothing else that does what ${trouble.target} does`);
    const works = own.map((kind) => firstThatWorks(kind.filter((each) => each !== trouble.target)));
    return inTurn(...works)(trouble, options);
  };

  const firstThatWorks =
    (others: readonly Target[]): Work =>
    async (trouble, options) => {
      let last: Failure = noWay(trouble.target, `no agent has another vendor beside ${trouble.target}`);
      for (const other of others) {
        // oxlint-disable-next-line no-await-in-loop
        const result = await look({ ...trouble, target: other }, options);
        if ('did' in result) return result;
        last = result;
      }
      return last;
    };

  const otherHost: Work = async (trouble, options) => {
    if (!lookAtFallback) return noWay(trouble.target, 'there is no other LiveKit: LIVEKIT_FALLBACK_URL is not set');
    const works = hosted.map(
      (target): Work =>
        (_, more) =>
          lookAtFallback({ ...trouble, target }, more),
    );
    const result = await inTurn(...works)(trouble, options);
    return 'did' in result ? { did: `at the other host ${result.did}` } : result;
  };

  return bearing((trouble, options) =>
    hosted.includes(trouble.target) ? otherHost(trouble, options) : otherVendors(trouble, options),
  );
}
