import OpenAI from 'openai';
import { Agent } from 'undici';
import type { Failure } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import type { Provider } from './codec.ts';
import { createFetch } from './fetch.ts';
import { failureFrom } from './failure.ts';

/** How to reach OpenAI, Groq or an emulator, for whatever is asked of them. */
export interface AccountOptions {
  /** What failures call this vendor, and how the agent's file names it. */
  readonly name: string;
  readonly provider: Provider;
  readonly apiKey: Secret;
  /** With its path, such as `https://api.openai.com/v1` or `https://api.groq.com/openai/v1`. */
  readonly baseUrl: string;
  /** OpenAI only. */
  readonly organization?: string | null;
  readonly project?: string | null;
  /** How long an idle connection is kept, ms. The default of fetch, 4 s, costs a handshake on most turns. */
  readonly keepAliveMs?: number;
  readonly connectMs?: number;
}

/** OpenAI's SDK with its retries, waits and environment variables off, and connections of its own. */
export interface Account {
  readonly client: OpenAI;
  /** Takes the key out of a foreign message. */
  scrub(message: string): string;
  /** Makes sure of a connection and proves the key, unbilled, by this request. Gives what was wrong. */
  warm(
    ask: (client: OpenAI, options: { readonly timeout: number; readonly signal: AbortSignal }) => Promise<unknown>,
  ): Promise<Failure | undefined>;
  /** Asks over new connections from now on; what is under way is still answered over the old ones. */
  drop(): void;
  /** Closes idle connections and gives up warming; requests end by their signals. Idempotent. */
  close(): Promise<void>;
}

/** Nothing of ours lives longer: an abandoned request may not hold its socket for the SDK's ten minutes. */
const longestMs = 60_000;
const longestWarmMs = 5000;

export function openAccount(options: AccountOptions): Account {
  const openAgent = () =>
    new Agent({
      keepAliveTimeout: options.keepAliveMs ?? 60_000,
      keepAliveMaxTimeout: 600_000,
      headersTimeout: longestMs,
      bodyTimeout: longestMs,
      connect: { timeout: options.connectMs ?? 5000 },
      pipelining: 1,
      allowH2: false,
    });
  let agent = openAgent();
  const client = createClient(options, () => agent);
  const leaving = new AbortController();
  const scrub = (message: string) => options.apiKey.hideIn(message);
  let closed: Promise<void> | undefined;
  return {
    client,
    scrub,
    async warm(ask) {
      try {
        await ask(client, { timeout: longestWarmMs, signal: leaving.signal });
        return undefined;
      } catch (error) {
        return failureFrom(options.name, 'rest', error, scrub);
      }
    },
    drop() {
      void agent.close();
      agent = openAgent();
    },
    close() {
      leaving.abort();
      return (closed ??= agent.close());
    },
  };
}

/** Every option that the SDK would else take from the environment is set, and what it adds to headers is filtered. */
function createClient(options: AccountOptions, agent: () => Agent): OpenAI {
  const openai = options.provider === 'openai';
  return new OpenAI({
    apiKey: options.apiKey.reveal(),
    adminAPIKey: null,
    webhookSecret: null,
    organization: (openai && options.organization) || null,
    project: (openai && options.project) || null,
    baseURL: options.baseUrl,
    maxRetries: 0,
    timeout: longestMs,
    logLevel: 'off',
    defaultHeaders: {},
    fetch: createFetch(agent, options.apiKey),
  });
}
