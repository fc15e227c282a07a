import OpenAI from 'openai';
import { Agent } from 'undici';
import type { ModelFact, ModelRequest, ReplyModel } from '../../actors/reply-model.ts';
import type { Failure, FailurePhase } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import { shielded, type Threw } from '../shielded.ts';
import { bodyOf, createCompletion, isWork, type Completion, type Provider, type Tuning } from './codec.ts';
import { createFetch } from './fetch.ts';
import { failureFrom, filtered, truncated } from './failure.ts';

export interface OpenAiOptions extends Tuning {
  /** What failures call this vendor, and how the agent's file names it. */
  readonly name: string;
  readonly provider: Provider;
  readonly apiKey: Secret;
  /** With its path, such as `https://api.openai.com/v1` or `https://api.groq.com/openai/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** OpenAI only. */
  readonly organization?: string | null;
  readonly project?: string | null;
  /** How long an idle connection is kept, ms. The default of fetch, 4 s, costs a handshake on most turns. */
  readonly keepAliveMs?: number;
  readonly connectMs?: number;
  /** Told when a receiver of facts threw: that fact is lost. */
  readonly threw?: Threw;
}

export interface OpenAiModel extends ReplyModel {
  /** Opens a connection, or keeps one, and proves the key, unbilled (`GET /models`). Gives what was wrong. */
  warm(): Promise<Failure | undefined>;
  /** Closes idle connections and gives up warming; streams end by their signals. Idempotent. */
  close(): Promise<void>;
}

/** Nothing of ours lives longer: an abandoned request may not hold its socket for the SDK's ten minutes. */
const longestMs = 60_000;
const longestWarmMs = 5000;

/** Chat completions of OpenAI or Groq, by OpenAI's SDK with its retries, waits and environment variables off. */
export function createOpenAi(options: OpenAiOptions): OpenAiModel {
  const { name, provider, model } = options;
  const agent = new Agent({
    keepAliveTimeout: options.keepAliveMs ?? 60_000,
    keepAliveMaxTimeout: 600_000,
    headersTimeout: longestMs,
    bodyTimeout: longestMs,
    connect: { timeout: options.connectMs ?? 5000 },
    pipelining: 1,
    allowH2: false,
  });
  const client = createClient(options, agent);
  const leaving = new AbortController();
  let closed: Promise<void> | undefined;
  const scrub = (message: string) => message.replaceAll(options.apiKey.reveal(), '[secret]');

  async function run(request: ModelRequest, signal: AbortSignal, report: (fact: ModelFact) => void): Promise<void> {
    const completion = createCompletion();
    let phase: FailurePhase = 'connect';
    let contentType: string | null = null;
    try {
      const body = bodyOf(provider, model, request, options);
      const { data: stream, response } = await client.chat.completions.create(body, { signal }).withResponse();
      phase = 'stream';
      contentType = response.headers.get('content-type');
      for await (const chunk of stream) {
        const text = completion.add(chunk);
        if (signal.aborted) return;
        if (text) report({ type: 'model.text', text });
        else if (isWork(chunk)) report({ type: 'model.progressed' });
      }
    } catch (error) {
      if (!completion.finish() && !signal.aborted)
        return report({ type: 'model.failed', failure: failureFrom(name, phase, error, scrub) });
    }
    // An abort in mid-stream ends the iteration as if the answer were complete.
    if (!signal.aborted) conclude({ vendor: name, completion, contentType }, report);
  }

  return {
    name,
    stream(request, { signal }, report) {
      if (!signal.aborted) void run(request, signal, shielded(report, options.threw));
    },
    async warm() {
      try {
        await client.models.list({ timeout: longestWarmMs, signal: leaving.signal });
        return undefined;
      } catch (error) {
        return failureFrom(name, 'rest', error, scrub);
      }
    },
    close() {
      leaving.abort();
      return (closed ??= agent.close());
    },
  };
}

interface Ended {
  readonly vendor: string;
  readonly completion: Completion;
  readonly contentType: string | null;
}

function conclude({ vendor, completion, contentType }: Ended, report: (fact: ModelFact) => void): void {
  const reason = completion.finish();
  if (!reason) return report({ type: 'model.failed', failure: truncated(vendor, contentType) });
  if (reason === 'content_filter') return report({ type: 'model.failed', failure: filtered(vendor) });
  if (reason === 'tools') report({ type: 'model.tools', calls: completion.calls() });
  const tokens = completion.tokens();
  report({ type: 'model.finished', reason, ...(tokens !== undefined && { tokens }) });
}

/** Every option that the SDK would else take from the environment is set, and what it adds to headers is filtered. */
function createClient(options: OpenAiOptions, agent: Agent): OpenAI {
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
