import { createTokenSigner } from '../../src/adapters/jose/token-signer.ts';
import { createKeyRing } from '../../src/key-ring.ts';
import { Secret } from '../../src/secret.ts';
import { claimsOf, judgeGrants, judgeTimes } from '../../src/token.ts';
import { type Figure, figureOf } from '../figure.ts';
import { loadNow } from '../machine.ts';

const repetitions = 10;
const samples = 20;
const perSample = 250;
/** 5,000 in a second of one core. */
const mostMsPerThousand = 200;

/** What tokens cost: time of a core, all threads of this process together, so that neighbours do not count. */
export async function measureTokens({ tell }: { readonly tell: (line: string) => void }): Promise<readonly Figure[]> {
  const apiKey = 'key';
  const signer = createTokenSigner(createKeyRing(new Map([[apiKey, new Secret('s'.repeat(40))]])));
  const request = { preset: 'caller', identity: 'ada', room: 'voice-ai-call-1' } as const;
  const demand = { rights: ['roomJoin'], room: request.room } as const;
  let count = 0;
  const made = () => claimsOf(request, apiKey, { jti: `t${(count += 1)}`, atMs: Date.now() });
  const sign = async () => {
    const token = await signer.sign(made());
    if (!(token instanceof Secret)) throw new Error(token.message);
    return token;
  };
  const token = await sign();
  const verify = async () => {
    const read = await signer.read(token.reveal());
    const refusal = 'fault' in read ? read : (judgeTimes(read, Date.now()) ?? judgeGrants(read, demand));
    if (refusal) throw new Error(refusal.message);
  };
  return [await costOf('a thousand signatures', sign, tell), await costOf('a thousand verifications', verify, tell)];
}

async function costOf(name: string, work: () => Promise<unknown>, tell: (line: string) => void): Promise<Figure> {
  tell(`\n${name}`);
  await cpuMsOf(work);
  const runs: number[][] = [];
  for (let run = 0; run < repetitions; run += 1) {
    const costs: number[] = [];
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
    for (let sample = 0; sample < samples; sample += 1) costs.push(await cpuMsOf(work));
    runs.push(costs);
  }
  return figureOf({ name: `${name}, of a core`, load: loadNow() }, runs, [{ of: 'mean', atMost: mostMsPerThousand }]);
}

async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  // oxlint-disable-next-line no-await-in-loop
  for (let each = 0; each < perSample; each += 1) await work();
  const { user, system } = process.cpuUsage(before);
  // From microseconds for `perSample` to milliseconds for a thousand.
  return (user + system) / perSample;
}
