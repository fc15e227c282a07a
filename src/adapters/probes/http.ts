import { Agent, request } from 'undici';

export interface HttpAnswer {
  readonly status: number;
  /** Its beginning. */
  readonly body: string;
  header(name: string): string | undefined;
}

export interface HttpQuestion {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of a certificate authority to trust instead of the usual ones. */
  readonly ca?: string;
  readonly signal: AbortSignal;
}

/** As much of an answer as is read; lists of models are long. */
const mostBytes = 2_000_000;

/** One GET over a connection of its own, so that name, way and certificate are looked at too. No redirect is followed. */
export async function askHttp({ url, headers = {}, ca, signal }: HttpQuestion): Promise<HttpAnswer> {
  const agent = new Agent({
    connect: ca === undefined ? {} : { ca },
    maxResponseSize: mostBytes,
    pipelining: 1,
    allowH2: false,
  });
  try {
    const answer = await request(url, { dispatcher: agent, headers, signal });
    const body = await answer.body.text();
    return { status: answer.statusCode, body, header: (name) => answer.headers[name]?.toString() };
  } finally {
    await agent.destroy();
  }
}
