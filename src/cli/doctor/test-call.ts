import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenSigner } from '../../adapters/jose/token-signer.ts';
import { renderClip } from '../../adapters/clips/render.ts';
import { type Agent, agent } from '../../agent.ts';
import type { Clock } from '../../clock.ts';
import type { Config, Secrets } from '../../config.ts';
import type { KeyRing } from '../../key-ring.ts';
import { createLogger } from '../../runtime/log.ts';
import { callKeyOf } from '../../runtime/call-key.ts';
import { Secret } from '../../secret.ts';
import { claimsOf } from '../../token.ts';
import { livekitLines } from '../../wiring/call-lines.ts';
import { openPosture } from '../../wiring/care.ts';
import { createHosts } from '../../wiring/hosts.ts';
import { type Instance, openInstance } from '../../wiring/instance.ts';
import { voiceOf } from '../../wiring/vendors.ts';
import { startCaller, type TestCaller } from './caller.ts';
import { type Checking, toMend, well } from './finding.ts';
import type { ReachedLivekit } from './livekit.ts';
import { trimmed } from './sound-edges.ts';
import { roomBeside } from './webhooks.ts';
import { whereItStopped } from './where-it-stopped.ts';

export const testCall = {
  check: 'test call',
  limitMs: 16_000,
  mend: 'npm run demo   (the same without your settings)',
} as const;

export interface TestCallWorld {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly agent: Agent;
  readonly clock: Clock;
}

const identity = 'voicechart-check';

/**
 * Calls an agent: an instance of this process answers, a caller in another one hears it and asks something in the agent's
 * own voice. Everything of a call but the telephone, in a room that no other instance answers, without the agent's tools.
 */
export async function placeTestCall(livekit: ReachedLivekit, world: TestCallWorld, checking: Checking): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const { clock } = world;
  // A call of its own needs nobody to know of its tokens.
  const { redisUrl: _, ...secrets } = world.secrets;
  const room = roomBeside(world.config.roomPrefix);
  const dataDir = parts.adopt(await mkdtemp(join(tmpdir(), 'voicechart-check-')), remove);
  // Phrases that are rendered already need not be rendered again.
  await cp(join(world.config.dataDir, 'clips'), join(dataDir, 'clips'), { recursive: true }).catch(() => undefined);
  const config = { ...world.config, dataDir, roomPrefix: room, statelyInspect: false };
  const caller = parts.adopt(startCaller(checking.signal), (each) => each.close());
  const quick = quickAgent(world.agent);
  const log = createLogger({ level: 'silent' });
  const posture = openPosture(log);
  const lines = await livekitLines({ config, secrets, hosts: createHosts(config, posture), clock });
  const opening = openInstance({ config, secrets, agents: [quick], lines, posture, clock, log });
  const instance = parts.adopt(await opening, (each) => each.close());
  parts.defer(() => livekit.api.rooms.deleteRoom(room).catch(() => undefined));
  const question = await questionOf(quick, world, checking.signal);
  try {
    const token = await callerToken(secrets.livekitKeys, room, clock);
    const { answeredMs, replyMs } = await converse({ caller, instance, room, url: livekit.url, token, question });
    const saw = `${quick.name} answered in ${answeredMs} ms, replied in ${replyMs} ms`;
    checking.tell(well(testCall.check, saw, { answeredMs, replyMs }));
  } catch (error) {
    const where = await whereItStopped(instance.calls, callKeyOf(room, identity));
    checking.tell(toMend(testCall.check, `${(error as Error).message}${where}`, testCall.mend));
  }
}

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** With its own ears, model and voice, few words and no tools. */
function quickAgent({ name, language, ears, model, voice, instructions, phrases }: Agent): Agent {
  const spoken = language[0]!;
  const own = phrases[spoken]!;
  return agent({
    name,
    instructions,
    language: [spoken],
    ears: ears.slice(0, 1),
    model: model.slice(0, 1),
    voice: voice.slice(0, 1),
    disclosure: own.filler,
    greeting: own.filler,
    phrases: { [spoken]: own },
  });
}

/** What the caller asks, in the agent's own voice and language. */
async function questionOf(quick: Agent, { config, secrets, clock }: TestCallWorld, signal: AbortSignal) {
  const [language] = quick.language as [string];
  const vendors = { config: config.vendors, secrets: secrets.vendors, clock, threw: () => undefined };
  const voice = await voiceOf(quick.voice[0]!, vendors);
  const text = quick.phrases[language]!.areYouThere;
  const clip = await renderClip(voice, { text, language, id: `check-${randomUUID()}` }, signal);
  await voice.close();
  if (clip === 'aborted') throw new Error('stopped');
  if ('class' in clip) throw new Error(`the voice failed: ${clip.message}`);
  return trimmed(clip.pcm);
}

async function callerToken(keys: KeyRing, room: string, clock: Clock): Promise<string> {
  const signer = createTokenSigner(keys);
  const request = { preset: 'caller', identity, room, lifeSeconds: 60 } as const;
  const token = await signer.sign(claimsOf(request, signer.apiKey, { jti: randomUUID(), atMs: clock.now() }));
  if (token instanceof Secret) return token.reveal();
  throw new Error(token.message);
}

interface Conversation {
  readonly caller: TestCaller;
  readonly instance: Instance;
  readonly room: string;
  readonly url: string;
  readonly token: string;
  readonly question: Int16Array;
}

async function converse({ caller, instance, room, url, token, question }: Conversation) {
  await caller.next('ready', 10_000, 'the caller did not start');
  caller.send({ type: 'join', url, token });
  const joined = await caller.next('joined', 5000, 'the caller could not join');
  await instance.intake.receive(joinedWebhook(room, joined.sid));
  const answered = await caller.next('sound', 6000, 'the agent did not answer');
  await caller.next('quiet', 10_000, 'the agent did not come to an end');
  caller.send({ type: 'say', pcm: question });
  const said = await caller.next('said', 5000, 'the caller could not speak');
  const reply = await caller.next('sound', 6000, 'the agent did not reply');
  return { answeredMs: answered.at - joined.at, replyMs: reply.at - said.at };
}

/** As LiveKit would tell it; whether LiveKit does is a check of its own. */
const joinedWebhook = (room: string, sid: string) =>
  ({
    event: 'participant_joined',
    id: `check-${randomUUID()}`,
    room: { name: room },
    participant: { sid, identity, attributes: { 'voicechart.role': 'caller' } },
  }) as const;
