import { createSocket, type Socket } from 'node:dgram';
import { expect, onTestFinished, test } from 'vitest';
import { openSipExchange } from '../../emulators/sip-phone/exchange.ts';
import {
  answerTo,
  headerOf,
  methodOf,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../emulators/sip-phone/message.ts';
import { openRtp } from '../../emulators/sip-phone/rtp.ts';
import { readOffer, writeAnswer } from '../../emulators/sip-phone/sdp.ts';
import type { TelephoneSettingsInput } from '../../emulators/sip-phone/settings.ts';
import * as fc from '../support/properties.ts';

const offer = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 9 RTP/AVP 9 0 101',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\r\n');

/** Somebody with SIP at a socket, who calls the telephones. */
async function openCaller(settings: TelephoneSettingsInput) {
  const exchange = await openSipExchange(settings);
  const socket: Socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const seen: SipMessage[] = [];
  const waiting = new Set<() => void>();
  const send = (message: SipMessage) =>
    socket.send(writeMessage(message), Number(exchange.address.split(':')[1]), '127.0.0.1');
  socket.on('message', (bytes) => {
    const message = readMessage(bytes.toString())!;
    seen.push(message);
    if (methodOf(message)) send(answerTo(message, { status: 200, reason: 'OK', tag: 'ours' }));
    for (const look of waiting) look();
  });
  const ours = `127.0.0.1:${socket.address().port}`;
  onTestFinished(async () => {
    await exchange.close();
    socket.close();
  });

  function ask(method: string, sequence: number, more: SipMessage['headers'] = [], body = ''): void {
    const headers: SipMessage['headers'] = [
      ['via', `SIP/2.0/UDP ${ours};branch=z9hG4bK${sequence}`],
      ['from', `<sip:+4930999@${ours}>;tag=ours`],
      ['to', `<sip:+4930123456@${exchange.address}>`],
      ['call-id', 'one'],
      ['cseq', `${sequence} ${method}`],
      ['contact', `<sip:gateway@${ours}>`],
      ...more,
    ];
    send({ start: `${method} sip:+4930123456@${exchange.address} SIP/2.0`, headers, body });
  }

  /** The first message whose start and body fit. */
  const told = (fits: RegExp): Promise<SipMessage> =>
    new Promise((resolve) => {
      const look = () => {
        const found = seen.find(({ start, body }) => fits.test(`${start}\n${body}`));
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });

  const starts = () => seen.map(({ start }) => start);
  return { exchange, ask, told, starts };
}

test('a message that was written is read again', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9;=<>@:. ]{1,30}$/).map((text) => text.trim());
  const headers = fc.array(fc.tuple(fc.constantFrom('via', 'from', 'to', 'x-own'), word));
  fc.assert(
    fc.property(headers, fc.string(), (given, body) => {
      const read = readMessage(writeMessage({ start: 'OPTIONS sip:a@b SIP/2.0', headers: given, body }))!;
      expect(read.headers.slice(0, -1)).toEqual(given);
      expect(read.body).toBe(body);
    }),
  );
});

test.each(['', '\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'INVITE sip:a SIP/2.0\r\nvia: cut'])('%j is no SIP', (text) => {
  expect(readMessage(text)).toBeUndefined();
});

test('short and folded headers are read in full', () => {
  const read = readMessage('INVITE sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP\r\n  h;branch=1\r\nf: <sip:c@d>\r\n\r\n')!;
  expect(headerOf(read, 'via')).toBe('SIP/2.0/UDP h;branch=1');
  expect(headerOf(read, 'from')).toBe('<sip:c@d>');
  expect(methodOf(read)).toBe('INVITE');
});

test('an offer with PCMU is answered with it and with the keys that were offered', () => {
  expect(readOffer(offer)).toEqual({ address: '127.0.0.1', port: 9, keys: 101 });
  expect(writeAnswer(readOffer(offer)!, { host: '127.0.0.1', port: 4000 })).toContain('m=audio 4000 RTP/AVP 0 101\r\n');
  expect(readOffer(offer.replace('9 0 101', '9'))).toBeUndefined();
});

test('a telephone rings, answers, and hangs up when it is told to', async () => {
  const { exchange, ask, told, starts } = await openCaller({ callee: { afterMs: 30 } });
  ask('INVITE', 1, [], offer);
  const answer = await told(/ 200 OK/);
  expect(answer.body).toMatch(/m=audio \d+ RTP\/AVP 0 101/);
  expect(starts()).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing', 'SIP/2.0 200 OK']);
  const call = await exchange.called('+4930123456');
  const over = call.hangUp();
  expect(headerOf(await told(/^BYE sip:gateway@/), 'from')).toContain(headerOf(answer, 'to').split(';tag=')[1]!);
  expect(call.status).toBe('ended');
  await over;
});

test('a telephone that is busy says so, and one that rings is given up', async () => {
  const busy = await openCaller({ callee: { does: 'refuse', status: 486, afterMs: 30 } });
  busy.ask('INVITE', 1, [], offer);
  await busy.told(/486 Busy Here/);
  const ringing = await openCaller({ callee: { does: 'ring' } });
  ringing.ask('INVITE', 1, [], offer);
  await ringing.told(/180 Ringing/);
  ringing.ask('CANCEL', 1);
  await ringing.told(/487 Request Terminated/);
});

test('what became of a REFER is told by NOTIFY', async () => {
  const { ask, told } = await openCaller({
    callee: { afterMs: 0 },
    transfers: { 'tel:+1': { does: 'accept', afterMs: 0 }, 'tel:+2': { does: 'refuse', status: 603, afterMs: 0 } },
  });
  ask('INVITE', 1, [], offer);
  await told(/ 200 OK/);
  ask('REFER', 2, [['refer-to', '<tel:+2>']]);
  await told(/603 Decline/);
  ask('REFER', 3, [['refer-to', '<tel:+1>']]);
  await told(/202 Accepted/);
  const notify = await told(/^NOTIFY [^\n]*\nSIP\/2.0 100/);
  expect(headerOf(notify, 'event')).toBe('refer;id=3');
  expect(headerOf(notify, 'subscription-state')).toMatch(/^active/);
  const last = await told(/^NOTIFY [^\n]*\nSIP\/2.0 200/);
  expect(headerOf(last, 'subscription-state')).toBe('terminated;reason=noresource');
});

test('a key is pressed once at the other side, however many packets tell it, and the sound goes on after it', async () => {
  const pressed: string[] = [];
  const heard = Promise.withResolvers<void>();
  const host = '127.0.0.1';
  const near = await openRtp({ host, now: Date.now, hear: () => undefined, press: () => undefined });
  const hear = () => pressed.length === 3 && heard.resolve();
  const far = await openRtp({ host, now: Date.now, hear, press: (key) => void pressed.push(key) });
  near.connect({ address: host, port: far.port, keys: 101 });
  far.connect({ address: host, port: near.port, keys: 101 });
  for (const key of '47#') {
    // oxlint-disable-next-line no-await-in-loop
    await near.sendKey(key);
    // oxlint-disable-next-line no-await-in-loop
    await near.sink.capture(new Int16Array(160));
  }
  await heard.promise;
  expect(pressed).toEqual(['4', '7', '#']);
  const talking = setInterval(() => void near.sink.capture(new Int16Array(160)), 20);
  await Promise.all([near.sendKey('1'), near.sendKey('2')]);
  clearInterval(talking);
  await expect.poll(() => pressed).toEqual(['4', '7', '#', '1', '2']);
  await expect(near.sendKey('x')).rejects.toThrow('key: must be one of 0123456789*#ABCD, not "x"');
  near.close();
  far.close();
});
