import { expect, onTestFinished, test } from 'vitest';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { joinNoting, notePlayback } from '../support/contracts/line-world.ts';
import { expectWords, speechOf, wordsIn } from '../support/contracts/spoken.ts';
import { disposeAtEnd, openLivekitWorld } from './livekit-world.ts';

disposeAtEnd();

/** A server of this test alone, that can die. */
async function ownServer() {
  const binary = await findLivekitServer({ progress: () => undefined });
  if (!binary) throw new Error('no livekit-server');
  let server = await startLivekitServer({ binary });
  onTestFinished(() => server.stop());
  const { port, udpPort, apiKey, apiSecret } = server;
  return {
    access: { url: server.url, httpUrl: server.httpUrl, apiKey, apiSecret },
    kill: () => server.stop(),
    async restart() {
      server = await startLivekitServer({ binary, at: { port, udpPort, apiKey, apiSecret } });
    },
  };
}

test('R9.3 a server that dies and comes back: the caller is bound again and the turn goes on where it was', async () => {
  const server = await ownServer();
  const world = await openLivekitWorld({}, server.access);
  onTestFinished(() => world.end());
  const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_link' });
  await phone.answer();
  const { facts, types, reported } = joinNoting(world);
  await reported('caller.answered');
  await world.until(() => phone.heard().length > 0, 'sound at the phone');
  const playback = notePlayback(world);
  const texts = Array.from({ length: 16 }, (_, at) => `w${at}`);
  const speech = speechOf(texts);
  world.player.open(1, { held: false });
  world.player.write(1, speech.pcm);
  world.player.mark(1, speech.words);
  world.player.end(1);
  await world.until(() => playback.words(1).length >= 5, 'five words told');

  await server.kill();
  await reported('line.reconnecting');
  const told = playback.words(1).length;
  await world.pass(700);
  expect(playback.words(1).length - told).toBeLessThanOrEqual(1);
  expect(types()).not.toContain('caller.left');
  await server.restart();

  await reported('line.reconnected');
  await reported('caller.joined', 2);
  const sids = facts.flatMap((fact) => (fact.type === 'caller.joined' ? [fact.caller.sid] : []));
  expect(new Set(sids).size).toBe(2);
  await playback.reported('playback.finished', 1);
  await world.pass(1_500);
  expect(playback.words(1)).toEqual(texts);
  expectWords(wordsIn(phone.heard()), texts, true);
  const frames: Int16Array[] = [];
  world.ear.listen((frame) => frames.push(frame));
  phone.speak(speechOf(['still', 'still', 'still']).pcm);
  await world.until(() => wordsIn(frames).includes('still'), 'the caller after the restart');
});

test('a server that stays away is a failed line after the SDK has given up', async () => {
  const server = await ownServer();
  const world = await openLivekitWorld({}, server.access);
  onTestFinished(() => world.end());
  const { types, reported } = joinNoting(world);
  await reported('line.joined');
  await server.kill();
  await reported('line.failed');
  expect(types()).toEqual(['line.joined', 'line.reconnecting', 'line.failed']);
});
