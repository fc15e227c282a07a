import { decodeJwt, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Asked, openOddLivekit, reply } from '../adapters/livekit/odd-livekit.ts';
import { sharedLivekit } from '../support/hub.ts';
import { everyRpc, type Right } from './every-rpc.ts';

/** What was accepted may hang for want of a gateway or recorder; refusals come within milliseconds. */
const acceptedAfterMs = 1000;
const patienceMs = 20_000;
const names = Object.keys(everyRpc);
const sent = new Map<string, Asked>();

type Claims = Record<'video' | 'sip', Record<string, unknown>>;

const all: Claims = {
  video: {
    roomCreate: true,
    roomList: true,
    roomRecord: true,
    roomAdmin: true,
    roomJoin: true,
    ingressAdmin: true,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: true,
    hidden: true,
    recorder: true,
    agent: true,
  },
  sip: { admin: true, call: true },
};

beforeAll(async () => {
  for (const name of names) {
    const { api, asked, close } = await openOddLivekit((response) => reply(response, 200));
    await everyRpc[name]![1](api).catch(() => undefined);
    sent.set(name, asked[0]!);
    await close();
  }
});

const rightsIn = (token: string): Right[] => {
  const claims = decodeJwt(token) as Partial<Claims>;
  return (['video', 'sip'] as const).flatMap((place) =>
    Object.keys(claims[place] ?? {}).map((name) => `${place}.${name}` as Right),
  );
};

/** Everything there is, in the room that the request is about, with these changes. */
function allBut(name: string, change: (claims: Claims) => void): Claims {
  const { video } = decodeJwt(sent.get(name)!.token) as Partial<Claims>;
  const { room = 'rights-room', destinationRoom = 'rights-other' } = video ?? {};
  const claims = structuredClone({ ...all, video: { ...all.video, room, destinationRoom } });
  change(claims);
  return claims;
}

/** What the real server says to this request with these rights; nothing when it did not within this time. */
async function answer(
  name: string,
  claims: Partial<Claims>,
  withinMs = patienceMs,
): Promise<{ status: number; text: string } | undefined> {
  const { httpUrl, apiKey, apiSecret } = sharedLivekit();
  const token = await new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(apiKey)
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(apiSecret));
  try {
    const response = await fetch(`${httpUrl}/twirp/livekit.${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(sent.get(name)!.body),
      signal: AbortSignal.timeout(withinMs),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return undefined;
  }
}

const refused = { status: 401, text: expect.stringContaining('permissions denied') };

describe('R8.4 R2.5 every request of the API', () => {
  test('carries the rights it takes and no others', () => {
    const signed = names.map((name) => [sent.get(name)?.rpc, rightsIn(sent.get(name)!.token).toSorted()]);
    expect(signed).toEqual(names.map((name) => [name, everyRpc[name]![0].toSorted()]));
  });

  test('is not refused with these by the real server', async () => {
    const outcomes = await Promise.all(
      names.map(async (name) => [name, await answer(name, decodeJwt(sent.get(name)!.token), acceptedAfterMs)] as const),
    );
    expect(outcomes.filter(([, outcome]) => outcome?.status === 401)).toEqual([]);
  });

  test('is refused when one of them is left out, whatever else the token allows', async () => {
    const cases = names.flatMap((name) => everyRpc[name]![0].map((right) => [name, right] as const));
    const outcomes = await Promise.all(
      cases.map(async ([name, right]) => {
        const [place, grant] = right.split('.') as ['video' | 'sip', string];
        return [
          name,
          right,
          await answer(
            name,
            allBut(name, (claims) => delete claims[place][grant]),
          ),
        ];
      }),
    );
    expect(outcomes).toEqual(cases.map(([name, right]) => [name, right, refused]));
  });

  test('about a room is refused to the admin of another', async () => {
    const cases = names.filter((name) => everyRpc[name]![0].includes('video.room'));
    const outcomes = await Promise.all(
      cases.map(async (name) => [
        name,
        await answer(
          name,
          allBut(name, ({ video }) => (video['room'] = 'another')),
        ),
      ]),
    );
    expect(outcomes).toEqual(cases.map((name) => [name, refused]));
  });

  test('R3.5 about telephones is refused to ingressAdmin alone, and to no rights at all', async () => {
    const cases = names.filter((name) => name.startsWith('SIP/'));
    const outcomes = await Promise.all(
      cases.map(async (name) => [name, await answer(name, { video: { ingressAdmin: true } }), await answer(name, {})]),
    );
    expect(outcomes).toEqual(cases.map((name) => [name, refused, refused]));
  });
});
