import { z } from 'zod';
import type { Block } from '../runtime/security/blocks.ts';
import type { Security } from '../runtime/security/security.ts';
import { type Signal, signals } from '../runtime/security/signals.ts';
import { namedPageQuery, pageByName } from './pages-by-name.ts';
import type { Problem } from './problem.ts';
import { route, type Route } from './route.ts';

const ms = z.number().meta({ description: 'ms since 1970' });

const block = z.object({
  id: z.string(),
  kind: z.enum(['ip', 'number', 'prefix']),
  source: z.string().optional().meta({ description: 'Address (IPv6: its network), or beginning of numbers' }),
  pii: z.object({ phone: z.string() }).optional(),
  why: z.enum(Object.keys(signals) as [Signal, ...Signal[]]),
  since: ms,
  until: ms,
});

const blockUnknown = {
  status: 404,
  code: 'block_unknown',
  title: 'No such source is refused, or no longer',
  field: 'id',
  fix: 'Take an id from GET /v1/security/blocks',
} as const satisfies Problem;

/** Who is refused for a while, for administrators. */
export function securityRoutes({
  security,
}: {
  readonly security: Pick<Security, 'list' | 'clear'>;
}): readonly Route[] {
  const tag = 'Security';
  return [
    route(
      {
        method: 'get',
        path: '/v1/security/blocks',
        role: 'admin',
        tag,
        about: 'Who is refused for a while, and why',
        query: namedPageQuery(),
        answers: { 200: { about: 'Blocks', body: z.object({ blocks: z.array(block), next: z.string().optional() }) } },
      },
      ({ query }) => {
        const { page, next } = pageByName(security.list(), ({ id }) => id, query);
        return { status: 200, body: { blocks: page.map(shown), ...(next === undefined ? {} : { next }) } };
      },
    ),
    route(
      {
        method: 'delete',
        path: '/v1/security/blocks/{id}',
        role: 'admin',
        tag,
        about: 'Refuses a source no longer',
        params: z.object({ id: z.string() }),
        answers: { 204: { about: 'It may come again' } },
        problems: [blockUnknown],
      },
      ({ params }) => (security.clear(params.id) ? { status: 204 } : blockUnknown),
    ),
  ];
}

const shown = ({ id, source: { kind, value }, why, since, until }: Block) => ({
  id,
  // Identities are never blocked.
  kind: kind as 'ip' | 'number' | 'prefix',
  ...(kind === 'number' ? { pii: { phone: value } } : { source: value }),
  why,
  since,
  until,
});
