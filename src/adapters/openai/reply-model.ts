import type { ModelFact, ModelRequest, ReplyModel } from '../../actors/reply-model.ts';
import type { Failure, FailurePhase } from '../../failure.ts';
import { shielded, type Threw } from '../shielded.ts';
import { type AccountOptions, openAccount } from './client.ts';
import { bodyOf, createCompletion, isWork, type Completion, type Tuning } from './codec.ts';
import { failureFrom, filtered, truncated } from './failure.ts';

export interface OpenAiOptions extends AccountOptions, Tuning {
  readonly model: string;
  /** Told when a receiver of facts threw: that fact is lost. */
  readonly threw?: Threw;
}

export interface OpenAiModel extends ReplyModel {
  /** Opens a connection, or keeps one, and proves the key, unbilled (`GET /models`). Gives what was wrong. */
  warm(): Promise<Failure | undefined>;
  /** Asks over new connections from now on; what is under way is still answered over the old ones. */
  drop(): void;
  /** Closes idle connections and gives up warming; streams end by their signals. Idempotent. */
  close(): Promise<void>;
}

/** Chat completions of OpenAI or Groq, by OpenAI's SDK with its retries, waits and environment variables off. */
export function createOpenAi(options: OpenAiOptions): OpenAiModel {
  const { name, provider, model } = options;
  const { client, scrub, warm, drop, close } = openAccount(options);

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
    warm: () => warm(({ models }, asked) => models.list(asked)),
    drop,
    close,
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
