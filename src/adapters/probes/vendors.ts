import { z } from 'zod';
import type { Probe } from '../../actors/probe.ts';
import type { Clock } from '../../clock.ts';
import type { VendorName } from '../../config.ts';
import type { Failure } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import { classifyHttp, failureOf, retryAfterMs } from '../classify.ts';
import { askHttp, type HttpAnswer } from './http.ts';
import { createProbe } from './probe.ts';

export interface VendorProbeOptions {
  readonly vendor: VendorName;
  readonly apiKey: Secret;
  /** With its path, as the vendor's own client is given it. */
  readonly baseUrl: string;
  readonly ca?: string;
  /** Models that must be among those it offers. Left out: that is not looked at. */
  readonly models?: readonly string[];
  readonly clock: Clock;
  readonly withinMs?: number;
}

interface Question {
  readonly path: string;
  readonly headers: (key: string) => Readonly<Record<string, string>>;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** What each vendor answers unbilled, and not without a good key. */
const questions: Readonly<Record<VendorName, Question>> = {
  deepgram: { path: '/v1/projects', headers: (key) => ({ authorization: `Token ${key}` }) },
  openai: { path: '/models', headers: bearer },
  groq: { path: '/models', headers: bearer },
  cartesia: { path: '/voices?limit=1', headers: (key) => ({ ...bearer(key), 'cartesia-version': '2026-08-14' }) },
};

/**
 * Whether a vendor is reachable and takes the key. It proves neither quota nor the streams: those are seen in calls. A proxy
 * that stands in for a vendor and does not know the question (404, 405) is well when it answers.
 */
export function vendorProbe({ vendor, apiKey, baseUrl, ca, models, clock, withinMs }: VendorProbeOptions): Probe {
  const { path, headers } = questions[vendor];
  const url = `${baseUrl.replace(/^ws/, 'http').replace(/\/$/, '')}${path}`;
  return createProbe({
    target: vendor,
    operation: `GET ${path}`,
    vendor,
    clock,
    ...(withinMs !== undefined && { withinMs }),
    secrets: [apiKey],
    async ask(signal) {
      const answer = await askHttp({ url, headers: headers(apiKey.reveal()), signal, ...(ca !== undefined && { ca }) });
      if (answer.status === 404 || answer.status === 405 || isNarrowKey(answer)) return {};
      const failure = answer.status === 200 ? wrongIn(vendor, answer.body, models) : refusal(vendor, answer);
      return failure ? { failure } : {};
    },
  });
}

/** A key that is known, and may do less than ask this question; calls need other rights. */
const isNarrowKey = ({ status, body }: HttpAnswer): boolean =>
  (status === 401 || status === 403) && /insufficient[_ ]permissions|missing scopes/i.test(body);

const listed = z.object({ data: z.array(z.object({ id: z.string() })) });

function wrongIn(vendor: string, body: string, models: readonly string[] | undefined): Failure | undefined {
  const read = jsonIn(body);
  if (read === undefined) return failureOf('garbage', { vendor, phase: 'rest', message: 'the answer is no JSON' });
  const offered = models && listed.safeParse(read).data?.data.map(({ id }) => id);
  const missing = models?.find((model) => offered && !offered.includes(model));
  if (missing === undefined) return undefined;
  return failureOf('config', { vendor, phase: 'rest', message: `does not offer the model ${missing} to this key` });
}

/** Words of all four for what is wrong. */
const errorShape = z.object({
  err_code: z.string().nullish(),
  err_msg: z.string().nullish(),
  error_code: z.string().nullish(),
  title: z.string().nullish(),
  error: z
    .object({ code: z.string().nullish(), type: z.string().nullish(), message: z.string().nullish() })
    .nullish()
    .catch(undefined),
});

function refusal(vendor: string, { status, body, header }: HttpAnswer): Failure {
  const { err_code, err_msg, error_code, title, error } = errorShape.safeParse(jsonIn(body)).data ?? {};
  const vendorCode = err_code ?? error_code ?? error?.code ?? error?.type;
  const said = err_msg ?? error?.message ?? title;
  const wait = retryAfterMs(header);
  return classifyHttp({
    vendor,
    phase: 'rest',
    httpStatus: status,
    message: `answered ${status}${said ? `: ${said}` : ''}`,
    ...(vendorCode && { vendorCode }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
