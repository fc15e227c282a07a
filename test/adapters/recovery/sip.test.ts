import { expect, test } from 'vitest';
import type { Work } from '../../../src/actors/trouble.ts';
import {
  createSipLines,
  createSipMending,
  type SipLinesOptions,
  type SipSet,
} from '../../../src/adapters/recovery/sip.ts';
import { type Held, idleName, readSip } from '../../../src/sip.ts';
import { fakeSipAdmin } from '../../support/fakes/fake-sip-admin.ts';
import { inbound, rule } from '../../support/sip-files.ts';

const yaml = `
inbound:
  line: { numbers: ['+4930'], allowedAddresses: [203.0.113.0/24] }
rules:
  dispatch: { trunks: [line], room: { prefix: voice-ai-call }, agent: receptionist }
backup:
  inbound:
    line: { numbers: ['+4930'], allowedAddresses: [198.51.100.7] }
  rules:
    dispatch: { trunks: [line], room: { prefix: voice-ai-call }, agent: receptionist }
`;
const trouble = { target: 'livekit-sip', since: 0 } as const;
const { signal } = new AbortController();
const run = (work: Work) => work(trouble, { signal });

const answers: Work = async () => ({ did: 'the gateway answers' });

function world(text = yaml, gateway = answers, held = new Map<string, Held>(), leads = true) {
  const admin = fakeSipAdmin(held);
  const told: unknown[] = [];
  const options: SipLinesOptions = {
    file: { path: 'sip.yaml', read: async () => readSip(text, {}) },
    admin,
    applied: (set, changes) =>
      told.push([set, ...changes.map(({ do: what, kind, name }) => `${what} ${kind} ${name}`)]),
    pause: async () => undefined,
  };
  const looked: string[] = [];
  const look: Work = (given, more) => (looked.push(given.target), gateway(given, more));
  const lines = createSipLines(options);
  const mending = createSipMending({ lines, look, leads: async () => leads });
  const { checkConfig, reloadConfig, testConnection, checkBackup, useBackupConfig, leadBack } = mending;
  return {
    admin,
    told,
    looked,
    check: () => run(checkConfig),
    reload: () => run(reloadConfig),
    tested: () => run(testConnection),
    backupChecked: () => run(checkBackup),
    backup: () => run(useBackupConfig),
    ledBack: () => run(leadBack),
    missing: (set: SipSet) => run(lines.lookFor(set)),
    addresses: async () =>
      (await admin.list()).flatMap((each) => (each.kind === 'inbound' ? each.allowedAddresses : [])),
  };
}

test('D8.5 D3.2 the file is read, made so, and read back; a rule that went missing is made again and told', async () => {
  const { admin, check, reload, tested, told, looked } = world();
  expect(await check()).toEqual({ did: 'sip.yaml has 2 trunks and rules' });
  expect(await tested()).toMatchObject({ class: 'sip', message: 'LiveKit is not as sip.yaml says: inbound line' });
  expect(await reload()).toEqual({ did: 'create inbound line, create rule dispatch' });
  const [dispatch] = (await admin.list()).filter(({ kind }) => kind === 'rule');
  await admin.remove('rule', dispatch!.id);
  expect(await tested()).toMatchObject({ message: 'LiveKit is not as sip.yaml says: rule dispatch' });
  expect(await reload()).toEqual({ did: 'create rule dispatch' });
  expect(await tested()).toEqual({ did: 'the gateway answers; LiveKit has all 2 trunks and rules of sip.yaml' });
  expect(told).toEqual([
    ['main', 'create inbound line', 'create rule dispatch'],
    ['main', 'create rule dispatch'],
  ]);
  expect(new Set(looked)).toEqual(new Set(['sip-gateway']));
});

test('D8.5 the backup set takes the place of the main one, and the way back is the same', async () => {
  const { reload, backupChecked, backup, ledBack, addresses, told } = world();
  await reload();
  expect(await backupChecked()).toEqual({
    did: 'the gateway answers; LiveKit can have all 2 trunks and rules of sip.yaml',
  });
  expect(await addresses()).toEqual(['203.0.113.0/24']);
  expect(await backup()).toMatchObject({ did: expect.stringMatching(/^update inbound line; LiveKit has all 2/) });
  expect(await addresses()).toEqual(['198.51.100.7']);
  expect(told.at(-1)).toEqual(['backup', 'update inbound line']);
  expect(await ledBack()).toMatchObject({ did: expect.stringMatching(/^update inbound line; LiveKit has all 2/) });
  expect(await addresses()).toEqual(['203.0.113.0/24']);
});

test('D8.2 lines are changed by the instance that leads alone', async () => {
  const { admin, check, tested, backupChecked, reload, backup, ledBack } = world(yaml, answers, undefined, false);
  expect([await check(), await backupChecked()]).toMatchObject([
    { did: expect.any(String) },
    { did: expect.any(String) },
  ]);
  for (const work of [reload, backup, ledBack])
    // oxlint-disable-next-line no-await-in-loop
    expect(await work()).toMatchObject({ message: expect.stringMatching(/^another instance writes the posture/) });
  expect([await admin.list(), await tested()]).toMatchObject([[], { class: 'sip' }]);
});

test('D8.5 while the gateway does not answer the backup set would not help', async () => {
  const away = { vendor: 'sip-gateway', phase: 'rest', class: 'sip', retryable: true, message: 'away' } as const;
  expect(await world(yaml, async () => away).backupChecked()).toBe(away);
});

test('D8.5 nothing is ever removed: neither what the file does not name nor one of two of a name', async () => {
  const twins = ['ST_1', 'ST_2'].map((id) => ({ ...inbound('line', { numbers: [idleName(`line-${id}`)] }), id }));
  const others = [
    { ...inbound('other', { numbers: ['+4931'] }), id: 'ST_3' },
    { ...rule('rule of others', ['ST_3']), id: 'SDR_1' },
  ];
  const { admin, reload } = world(yaml, answers, new Map([...twins, ...others].map((held) => [held.id, held])));
  const removed: string[] = [];
  const { remove } = admin;
  admin.remove = async (kind, id) => (removed.push(id), remove(kind, id));
  expect(await reload()).toMatchObject({ did: expect.stringContaining('create rule dispatch') });
  expect(removed).toEqual([]);
  expect((await admin.list()).map(({ id }) => id)).toEqual(expect.arrayContaining(['ST_1', 'ST_2', 'ST_3', 'SDR_1']));
});

test('D8.5 bad input: a file that cannot be read is told by place, and a gateway that is away is the failure', async () => {
  const broken = world('inbound: { line: { numbers: 3 } }');
  expect(await broken.check()).toMatchObject({
    class: 'sip',
    message: expect.stringMatching(/^sip\.yaml:1:\d+: inbound/),
  });
  expect(await broken.backup()).toMatchObject({ class: 'sip' });
  const single = world(yaml.slice(0, yaml.indexOf('backup:')));
  expect(await single.backupChecked()).toMatchObject({ message: 'sip.yaml has no backup set' });
  const away = { vendor: 'sip-gateway', phase: 'rest', class: 'sip', retryable: true, message: 'away' } as const;
  const deaf = world(yaml, async () => away);
  await deaf.reload();
  expect(await deaf.tested()).toBe(away);
});

test('D8.5 what is missing is told, what is otherwise than in this file is not, and a broken file says nothing', async () => {
  const { admin, reload, backup, missing } = world();
  expect(await missing('main')).toMatchObject({ class: 'sip', message: 'LiveKit lacks inbound line of sip.yaml' });
  await reload();
  expect(await missing('main')).toEqual({ did: 'nothing of sip.yaml is missing' });
  await backup();
  expect(await missing('main')).toMatchObject({ did: expect.any(String) });
  const [dispatch] = (await admin.list()).filter(({ kind }) => kind === 'rule');
  await admin.remove('rule', dispatch!.id);
  expect(await missing('backup')).toMatchObject({ message: 'LiveKit lacks rule dispatch of sip.yaml' });
  expect(await world('inbound: 3').missing('main')).toMatchObject({ did: expect.stringContaining('sip.yaml:1') });
});
