import { randomUUID } from 'node:crypto';
import type { Agent, EarRef, ModelRef, VoiceRef } from '../../agent.ts';
import type { VendorName } from '../../config.ts';
import type { Failure } from '../../failure.ts';
import { probeOfVendor } from '../../wiring/probes.ts';
import { earOf, homeOf, isDictated, modelOf, type Vendors, vendorOf, voiceOf } from '../../wiring/vendors.ts';
import { type Checking, type Finding, toKnow, toMend, well } from './finding.ts';

/** One thing of a vendor's that agents use, and the smallest use of it, as a call makes it. Gives the failure, or nothing. */
export interface VendorUse {
  readonly vendor: VendorName;
  /** Such as the name of a model. */
  readonly what: string;
  /** What is waited for: `open`, `first token`, `first sound`. */
  readonly until: string;
  /** Resolves when it has come, or with what failed; nothing of it goes on afterwards. */
  try(signal: AbortSignal): Promise<Failure | undefined>;
}

/** Everything that these agents use, each once. */
export function vendorUses(agents: readonly Agent[], vendors: Vendors): readonly VendorUse[] {
  const uses = agents.flatMap((agent) => [
    ...agent.ears.map((ref) => earUse(ref, agent.language, vendors)),
    ...agent.model.map((ref) => modelUse(ref, vendors)),
    ...agent.voice.map((ref) => voiceUse(ref, agent.language[0] ?? 'en', vendors)),
  ]);
  return [...new Map(uses.map((use) => [`${use.vendor} ${use.what}`, use])).values()];
}

function earUse(ref: EarRef, languages: readonly string[], vendors: Vendors): VendorUse {
  return {
    vendor: vendorOf(ref.kind),
    what: ref.model ?? ref.kind,
    until: 'open',
    async try(signal) {
      const ear = earOf(ref, vendors);
      const opened = Promise.withResolvers<Failure | undefined>();
      ear.open({ signal, languages, terms: 'terms' in ref ? (ref.terms ?? []) : [] }, (fact) => {
        if (fact.type === 'stt.opened') opened.resolve(undefined);
        if (fact.type === 'stt.failed') opened.resolve(fact.failure);
      });
      return opened.promise.finally(() => void (isDictated(ear) && ear.close()));
    },
  };
}

const ask = { messages: [{ role: 'user', text: 'Say OK.' }], tools: [] } as const;

const modelUse = (ref: ModelRef, vendors: Vendors): VendorUse => ({
  vendor: ref.kind,
  what: ref.model,
  until: 'first token',
  async try(signal) {
    const model = modelOf(ref, vendors);
    const first = Promise.withResolvers<Failure | undefined>();
    model.stream(ask, { signal }, (fact) => first.resolve(fact.type === 'model.failed' ? fact.failure : undefined));
    return first.promise.finally(() => void model.close());
  },
});

const voiceUse = (ref: VoiceRef, language: string, vendors: Vendors): VendorUse => ({
  vendor: ref.kind,
  what: ref.kind === 'openai' ? `voice ${ref.model}` : (ref.model ?? `voice ${ref.voiceId.slice(0, 8)}`),
  until: 'first sound',
  async try(signal) {
    const voice = await voiceOf(ref, vendors);
    const first = Promise.withResolvers<Failure | undefined>();
    const utterance = voice.utter({ signal, id: `check-${randomUUID()}`, language }, (fact) => {
      if (fact.type === 'voice.failed') first.resolve(fact.failure);
      if (fact.type === 'voice.audio' || fact.type === 'voice.done') first.resolve(undefined);
    });
    utterance.say('OK.');
    utterance.end();
    return first.promise.finally(() => void voice.close());
  },
});

/** Tries one of them, after the question that costs nothing: what has no way or no key is tried no further. */
export async function checkVendor(use: VendorUse, vendors: Vendors, { tell, signal }: Checking): Promise<void> {
  const probe = await probeOfVendor(use.vendor, vendors, []);
  const first = (await probe?.look(signal))?.failure;
  if (first && (first.class === 'auth' || first.class === 'network'))
    return tell(failed(use, first, homeOf(vendors, use.vendor)));
  const stop = new AbortController();
  const askedAt = performance.now();
  const failure = await use.try(AbortSignal.any([signal, stop.signal])).finally(() => stop.abort());
  const tookMs = Math.round(performance.now() - askedAt);
  const { vendor, what, until } = use;
  return tell(
    failure === undefined
      ? well(vendor, `${what}: ${until} after ${tookMs} ms`, { tookMs })
      : failed(use, failure, homeOf(vendors, vendor)),
  );
}

const keysAt: Readonly<Record<VendorName, string>> = {
  deepgram: 'https://console.deepgram.com',
  openai: 'https://platform.openai.com',
  groq: 'https://console.groq.com',
  cartesia: 'https://play.cartesia.ai',
};

function failed({ vendor, what }: VendorUse, failure: Failure, home: string): Finding {
  const name = vendor.toUpperCase();
  const at = keysAt[vendor];
  const { class: kind, sub, message } = failure;
  if (sub === 'region') return toMend(vendor, `does not serve this country: ${message}`, `export ${name}_BASE_URL=…`);
  if (kind === 'auth') return toMend(vendor, `the key is not taken: ${message}`, `export ${name}_API_KEY=…   (${at})`);
  if (sub === 'quota')
    return toMend(vendor, `the key is right, the account is used up: ${message}`, `add credit at ${at}`);
  if (sub === 'rate')
    return toKnow(vendor, `the key is right, too many requests just now: ${message}`, `raise the limit at ${at}`);
  if (sub === 'config') return toMend(vendor, `${what}: ${message}`, `name another in the agent's file (${at})`);
  if (kind === 'network')
    return toMend(vendor, `${home} is not reachable: ${message}`, `curl -v ${home}, or export ${name}_BASE_URL=…`);
  return toMend(vendor, `${what}: ${message}`, `wait, or put another before it in the agent's file (${at})`);
}
