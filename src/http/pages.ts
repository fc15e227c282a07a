import { z } from 'zod';
import { asNumber, wholeNumber } from './input-fields.ts';

const usual = 50;

/** The one shape of lists: `?limit=…&before=<next of the page before>` gives `{ <items>, next? }`, newest first; no `next` on the last page. */
export const pageQuery = (most: number) =>
  z.object({
    limit: wholeNumber
      .refine((limit) => limit >= 1 && limit <= most, `must be from 1 to ${most}`)
      .optional()
      .transform((limit) => limit ?? usual)
      .meta(asNumber(1, { maximum: most, description: `${usual} when left out` })),
    before: wholeNumber.optional().meta(asNumber(0, { description: '`next` of the page before' })),
  });

/** A page with where the next one begins: a page that is not full is the last. */
export function nextOf<Item>(
  page: readonly Item[],
  limit: number,
  positionOf: (item: Item) => number,
): { readonly next?: number } {
  const last = page.at(-1);
  return page.length < limit || last === undefined ? {} : { next: positionOf(last) };
}
