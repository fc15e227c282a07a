import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPhoneProcess, type PhoneProcess } from '../../emulators/phone/process.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { findLivekitServer, startLivekitServer, type RunningServer } from '../../tools/services/livekit-server.ts';
import { newRoomName } from '../support/hub.ts';

const isSuite = process.env['VOICECHART_SUITE'] === '1';
let phones: PhoneProcess;
let server: RunningServer;

beforeAll(async () => {
  phones = await startPhoneProcess();
  server = await startOwn();
});

afterAll(async () => {
  await phones.close();
  await server.stop();
});

const startOwn = async (at?: RunningServer) =>
  startLivekitServer({ binary: (await findLivekitServer())!, ...(at ? { at } : {}) });

async function twoInOneRoom() {
  const { url, apiKey, apiSecret } = server;
  const room = newRoomName();
  const base = { livekitUrl: url, apiKey, apiSecret, room, to: '+15550100' };
  const caller = await phones.createPhone({ ...base, from: '+15550199' });
  const other = await phones.createPhone({ ...base, from: '+15550200' });
  await Promise.all([caller.when('active'), other.when('active')]);
  return { room, caller, other };
}

const attempts = (phone: Phone) => phone.events().filter(({ type }) => type === 'line.reconnecting').length;

async function expectSameCallAlive({ room, caller, other }: Awaited<ReturnType<typeof twoInOneRoom>>): Promise<void> {
  const api = new RoomServiceClient(server.httpUrl, server.apiKey, server.apiSecret);
  const attributes = async () => (await api.getParticipant(room, caller.identity)).attributes;
  expect(await attributes()).toMatchObject({ 'sip.callID': caller.callId, 'sip.callStatus': 'active' });
  const voices = () => caller.events().filter(({ type }) => type === 'voice.joined').length;
  await expect.poll(voices, { timeout: 30_000 }).toBeGreaterThan(1);
  await other.sayWords('are you still there');
  await caller.when('heard.word', ({ text }) => text === 'there');
  await Promise.all([caller.hangUp(), other.hangUp()]);
}

describe('a phone whose livekit-server dies', () => {
  it('goes on with its call when the server is back at once', async () => {
    const call = await twoInOneRoom();
    await server.stop();
    server = await startOwn(server);
    await Promise.all([call.caller, call.other].map((phone) => phone.when('line.reconnected', undefined, 60_000)));
    await expectSameCallAlive(call);
  });

  it.runIf(isSuite)('and when it comes back only after the SDK has given up', async () => {
    const call = await twoInOneRoom();
    await server.stop();
    // The second time it is the phone's own attempt.
    for (const phone of [call.caller, call.other]) {
      await expect.poll(() => attempts(phone), { timeout: 60_000 }).toBeGreaterThan(1);
    }
    server = await startOwn(server);
    await Promise.all([call.caller, call.other].map((phone) => phone.when('line.reconnected', undefined, 60_000)));
    await expectSameCallAlive(call);
  });
});
