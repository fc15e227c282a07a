import { z } from 'zod';
import { asNumber, wholeNumber } from './input-fields.ts';

/** Lists that have no order in time are by name: `?limit=…&after=<next of the page before>`. */
export const namedPageQuery = (most = 200) =>
  z.object({
    limit: wholeNumber
      .refine((limit) => limit >= 1 && limit <= most, `must be from 1 to ${most}`)
      .optional()
      .transform((limit) => limit ?? 50)
      .meta(asNumber(1, { maximum: most, description: '50 when left out' })),
    after: z
      .string()
      .max(1000, 'must be `next` of the page before')
      .optional()
      .meta({ description: '`next` of the page before' }),
  });

/** One page of all that there is, and where the next one begins. */
export function pageByName<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { limit, after }: z.output<ReturnType<typeof namedPageQuery>>,
): { readonly page: readonly Item[]; readonly next?: string } {
  const later = [...items]
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .filter((item) => after === undefined || nameOf(item) > after);
  const page = later.slice(0, limit);
  const last = page.at(-1);
  return last === undefined || later.length <= limit ? { page } : { page, next: nameOf(last) };
}
