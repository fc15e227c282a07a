import { z } from 'zod';
import { redact } from '../failure.ts';
import { readBounded } from './bounded-body.ts';
import { asNumber, wholeNumber } from './input-fields.ts';
import { problem } from './problem.ts';

const usualMostBytes = 16 * 1024;

/** What came, read by a schema, or the answer that names the first field that cannot be read. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  fix: string,
): z.output<Schema> | Response {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = redact(issue?.path.join('.') || 'body');
  return problem({
    status: 400,
    code: 'invalid',
    // Zod repeats keys that it does not know, and somebody may have put a token there.
    title: redact(issue?.message ?? 'This cannot be read').slice(0, 200),
    field,
    fix,
  });
}

/** The JSON body of a request read by a schema, or the answer that says what is wrong with it. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  fix: string,
  mostBytes = usualMostBytes,
): Promise<z.output<Schema> | Response> {
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    return problem({
      status: 415,
      code: 'not_json',
      title: 'The body must be JSON',
      fix: 'Send content-type: application/json',
    });
  const body = await readBounded(request, mostBytes);
  if (body === undefined)
    return problem(
      { status: 413, code: 'too_large', title: `The body has at most ${mostBytes} bytes` },
      { connection: 'close' },
    );
  const json = parseJson(body);
  return json === undefined
    ? problem({
        status: 400,
        code: 'not_json',
        title: 'The body is not JSON',
        field: 'body',
        fix: 'Send JSON in UTF-8',
      })
    : readInput(schema, json.value, fix);
}

function parseJson(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}

/** The address of a stream as it is given first. */
export const afterQuery = z.object({
  after: wholeNumber
    .optional()
    .meta(asNumber(0, { description: 'Number of the last event that was seen; the header Last-Event-ID wins' })),
});

/** Where a stream goes on: the header that a browser sends when it comes again wins over the address it was given first. */
export function readAfter(request: Request, query: z.output<typeof afterQuery>): number | Response {
  const field = 'Last-Event-ID';
  const header = request.headers.get(field);
  if (header === null) return query.after ?? 0;
  const read = readInput(
    z.object({ [field]: wholeNumber }),
    { [field]: header },
    'Send the id of the last event, or nothing',
  );
  return read instanceof Response ? read : (read[field] ?? 0);
}
