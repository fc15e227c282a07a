/** An error as RFC 9457 has it, with a code for programs, the field at fault and how to mend it. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 503;
  /** Closed set of words, stable. */
  readonly code: string;
  /** What is wrong, for a person. Never repeats a secret or a token. */
  readonly title: string;
  /** Path of the field at fault. */
  readonly field?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** The answer to a request that cannot be served. */
export function problem(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify({ type: 'about:blank', ...problem }), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

export const notFound = (): Response =>
  problem({ status: 404, code: 'not_found', title: 'There is nothing at this address' });

/** Something of ours failed: the sender may try again, and learns nothing about it. */
export const unavailable = (): Response =>
  problem(
    { status: 503, code: 'unavailable', title: 'This cannot be served now', fix: 'Try again' },
    { 'retry-after': '1' },
  );
