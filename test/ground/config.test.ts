import { inspect } from 'node:util';
import * as fc from '../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { mentionsOf, readConfig, requireVendors, settingNames } from '../../src/config.ts';

const secretText = 'canary-0123456789-abcdefghij-KLMNOP';
const least = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: secretText };

const good = (env: Record<string, string> = {}) => {
  const read = readConfig({ ...least, ...env });
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read;
};
const problemsOf = (env: Record<string, string | undefined>): readonly string[] => {
  const read = readConfig(env);
  return 'problems' in read ? read.problems : [];
};
const told = (env: Record<string, string>): string => problemsOf({ ...least, ...env }).join();
const fallback = (url: string, env = {}) => told({ LIVEKIT_FALLBACK_URL: url, ...env });

describe('settings', () => {
  test('R1.1 the least there must be, with a default for the rest', () => {
    const { config, secrets } = good();
    expect(config).toEqual({
      production: false,
      livekitUrl: 'ws://127.0.0.1:7880',
      allowInsecureLivekit: false,
      longLivekitKeys: false,
      vendors: { deepgram: {}, openai: {}, groq: {}, cartesia: {} },
      agents: 'agents',
      roomPrefix: 'voice-ai-call',
      declaredRooms: ['streaming-room'],
      workerHealth: {},
      callLimits: {},
      workers: 0,
      roomLimits: { rooms: 200, participants: 2000 },
      ingressHosts: [],
      webhookAddr: { host: '127.0.0.1', port: 8080 },
      apiAddr: { host: '127.0.0.1', port: 8081 },
      healthAddr: { host: '127.0.0.1', port: 8082 },
      dataDir: '.data',
      keepCallsMs: 30 * 24 * 60 * 60_000,
      drainMs: 10_000,
      security: { premium: expect.arrayContaining(['+49900', '+979']), callsPerMinute: 10, trustedProxies: [] },
      alerts: { allowInside: false },
      statelyInspect: false,
      logLevel: 'info',
    });
    expect(secrets.livekitKeys.all().get('devkey')?.reveal()).toBe(secretText);
    expect(secrets.vendors).toEqual({});
  });

  test('every setting is read', () => {
    const { config, secrets } = good({
      LIVEKIT_FALLBACK_URL: 'wss://livekit.example',
      LIVEKIT_SIP_ADDR: 'sip.example:5060',
      SIP_WORKER_HEALTH_URL: 'http://sip.example:8085/',
      EGRESS_WORKER_HEALTH_URL: 'http://egress.example:8085/',
      INGRESS_WORKER_HEALTH_URL: 'https://ingress.example/health',
      SIP_FILE: 'lines/sip.yaml',
      FAILSAFE_TRANSFER_TO: 'sip:desk@hotel.example',
      DEEPGRAM_API_KEY: 'dg',
      DEEPGRAM_BASE_URL: 'http://127.0.0.1:9001',
      OPENAI_API_KEY: 'oa',
      OPENAI_BASE_URL: 'http://127.0.0.1:9002/v1',
      GROQ_API_KEY: 'gq',
      GROQ_BASE_URL: 'http://127.0.0.1:9003/openai/v1',
      CARTESIA_API_KEY: 'ca',
      CARTESIA_BASE_URL: 'https://127.0.0.1:9004',
      CARTESIA_CA_FILE: 'certs/ca.pem',
      AGENTS: 'my/agent.ts',
      ROOM_PREFIX: 'call-',
      DECLARED_ROOMS: 'stage, hall',
      MAX_ROOMS: '10',
      MAX_PARTICIPANTS: '100',
      INGRESS_HOSTS: 'media.example,*.cdn.example',
      WEBHOOK_ADDR: '0.0.0.0:80',
      API_ADDR: '[::1]:0',
      HEALTH_ADDR: '[::]:9999',
      DATA_DIR: '/var/lib/voicechart',
      KEEP_CALLS_DAYS: '7',
      OUTBOUND_ALLOW: '+49, +43',
      OUTBOUND_TRUNK: 'carrier',
      OUTBOUND_CONCURRENT: '2',
      OUTBOUND_DAILY_MINUTES: '10',
      PREMIUM_PREFIXES: '+49900',
      CALLS_PER_NUMBER: '3',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      VOICECHART_ENV: 'production',
      STATELY_INSPECT: 'off',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      production: true,
      vendors: {
        deepgram: { baseUrl: 'http://127.0.0.1:9001' },
        openai: { baseUrl: 'http://127.0.0.1:9002/v1' },
        groq: { baseUrl: 'http://127.0.0.1:9003/openai/v1' },
        cartesia: { baseUrl: 'https://127.0.0.1:9004', caFile: 'certs/ca.pem' },
      },
      agents: 'my/agent.ts',
      roomPrefix: 'call-',
      declaredRooms: ['stage', 'hall'],
      workerHealth: {
        sip: 'http://sip.example:8085/',
        egress: 'http://egress.example:8085/',
        ingress: 'https://ingress.example/health',
      },
      roomLimits: { rooms: 10, participants: 100 },
      ingressHosts: ['media.example', '*.cdn.example'],
      webhookAddr: { host: '0.0.0.0', port: 80 },
      apiAddr: { host: '::1', port: 0 },
      healthAddr: { host: '::', port: 9999 },
      dataDir: '/var/lib/voicechart',
      keepCallsMs: 7 * 24 * 60 * 60_000,
      drainMs: 10_000,
      outbound: { allow: ['+49', '+43'], trunk: 'carrier', concurrent: 2, dailyMinutes: 10 },
      security: { premium: ['+49900'], callsPerMinute: 3, trustedProxies: ['10.0.0.0/8', '::1'] },
      logLevel: 'debug',
    });
    const keys = Object.entries(secrets.vendors).map(([vendor, key]) => [vendor, key?.reveal()]);
    expect(keys).toEqual([
      ['deepgram', 'dg'],
      ['openai', 'oa'],
      ['groq', 'gq'],
      ['cartesia', 'ca'],
    ]);
  });

  test('D5.1 a health port that is no URL, has a password in it or a name like it is told, and no password', () => {
    const problems = problemsOf({
      ...least,
      SIP_WORKER_HEALTH_URL: 'sip.example:8085',
      EGRESS_WORKER_HEALTH_URL: 'http://user:canary@egress.example/',
      INGRESS_WORKER_HEALTH: 'http://ingress.example/',
    });
    expect(problems).toEqual([
      'SIP_WORKER_HEALTH_URL: must be a URL that begins with http:// or https://, without user or password, not "sip.example:8085"',
      'EGRESS_WORKER_HEALTH_URL: must be a URL that begins with http:// or https://, without user or password, not "http://…@egress.example/"',
      'INGRESS_WORKER_HEALTH: there is no such setting; did you mean INGRESS_WORKER_HEALTH_URL?',
    ]);
  });

  test('rooms, limits and hosts that cannot be read are told', () => {
    expect(
      problemsOf({
        LIVEKIT_URL: 'ws://127.0.0.1:7880',
        LIVEKIT_API_KEY: 'devkey',
        LIVEKIT_API_SECRET: secretText,
        DECLARED_ROOMS: 'stage,,hall',
        MAX_ROOMS: '0',
        MAX_PARTICIPANTS: 'many',
        INGRESS_HOSTS: 'https://media.example/',
      }),
    ).toEqual([
      'DECLARED_ROOMS: must be names of rooms with commas between them, such as streaming-room, not "stage,,hall"',
      'MAX_ROOMS: must be a whole number from 1 to 100000, not "0"',
      'MAX_PARTICIPANTS: must be a whole number from 1 to 1000000, not "many"',
      expect.stringMatching(/^INGRESS_HOSTS: must be names of hosts .*, not "https:\/\/media.example\/"$/),
    ]);
  });

  test('R3.4 nobody is called until it is said who may be, and over which trunk', () => {
    expect(good().config.outbound).toBeUndefined();
    expect(good({ OUTBOUND_ALLOW: '+49', OUTBOUND_TRUNK: 'ST_1' }).config.outbound).toEqual({
      allow: ['+49'],
      trunk: 'ST_1',
      concurrent: 5,
      dailyMinutes: 60,
    });
    expect(told({ OUTBOUND_ALLOW: '+49' })).toContain('OUTBOUND_TRUNK: is missing');
    expect(told({ OUTBOUND_TRUNK: 'carrier' })).toContain('OUTBOUND_ALLOW: is missing');
    for (const allow of ['*', '+', '49', '+49,', '+0'])
      expect(told({ OUTBOUND_ALLOW: allow, OUTBOUND_TRUNK: 'x' })).toContain('such as +49,+43, not');
    expect(told({ OUTBOUND_ALLOW: '+49', OUTBOUND_TRUNK: 'x', OUTBOUND_CONCURRENT: '0' })).toContain('from 1 to 1000');
    expect(told({ OUTBOUND_ALOW: '+49' })).toContain('did you mean OUTBOUND_ALLOW?');
  });

  test('D1.6 the host for when LiveKit is away is another one, and as safe', () => {
    expect(good({ LIVEKIT_FALLBACK_URL: 'ws://127.0.0.1:7881' }).config.livekitFallbackUrl).toBe('ws://127.0.0.1:7881');
    expect(fallback('http://127.0.0.1:7880')).toBe(
      'LIVEKIT_FALLBACK_URL: must be another host than LIVEKIT_URL, both are 127.0.0.1:7880',
    );
    expect(fallback('ws://10.0.0.5:7880')).toMatch(/^LIVEKIT_FALLBACK_URL: must begin with wss:.*, not "ws:\/\/"$/);
    expect(fallback('ws://10.0.0.5:7880', { ALLOW_INSECURE_LIVEKIT: '1' })).toBe('');
    expect(fallback('wss://10.0.0.5:7880')).toBe('');
    expect(fallback('elsewhere')).toContain('LIVEKIT_FALLBACK_URL: must be a URL');
  });

  test('D9.1 processes that run calls share them in Redis, and are counted, or as many as there are cores', () => {
    const shared = { REDIS_URL: 'redis://127.0.0.1:6379' };
    expect(good({ ...shared, WORKERS: 'auto' }).config.workers).toBe('auto');
    expect(good({ ...shared, WORKERS: '4' }).config.workers).toBe(4);
    expect(good({ WORKERS: '0' }).config.workers).toBe(0);
    expect(good({ MAX_CALLS: '9', MAX_CALLS_PER_NUMBER: '3' }).config.callLimits).toEqual({ calls: 9, perNumber: 3 });
    expect(told({ WORKERS: '2' })).toBe(
      'REDIS_URL: is missing; with WORKERS=2 processes share their calls, which only Redis lets them',
    );
    expect(told({ ...shared, WORKERS: 'all' })).toBe(
      'WORKERS: must be a whole number from 0 to 64, or auto, not "all"',
    );
  });

  test('D8.4 whom callers are put through to when nothing else works can be put through to', () => {
    expect(good({ FAILSAFE_TRANSFER_TO: 'tel:+4930123456' }).config.failsafeTransferTo).toBe('tel:+4930123456');
    for (const wrong of ['+4930123456', 'tel:110', 'sip:desk', 'https://desk@hotel.example'])
      expect(told({ FAILSAFE_TRANSFER_TO: wrong })).toMatch(/^FAILSAFE_TRANSFER_TO: must be tel:.*such as tel:/);
  });

  test('all problems are told at once, each with its key, what came and what is allowed', () => {
    expect(
      problemsOf({
        LIVEKIT_URL: 'livekit.example.org',
        LIVEKIT_API_KEY: '',
        WEBHOOK_ADDR: '8080',
        API_ADDR: '0.0.0.0:8081',
        HEALTH_ADDR: '127.0.0.1:70000',
        LOG_LEVEL: 'loud',
        STATELY_INSPECT: 'perhaps',
        DEEPGRAM_APIKEY: 'x',
      }),
    ).toEqual([
      expect.stringMatching(/^LIVEKIT_URL: must be a URL that begins with wss:\/\/ or .*, not "livekit.example.org"$/),
      'LIVEKIT_API_KEY: is missing',
      'LIVEKIT_API_SECRET: is missing',
      expect.stringMatching(/^WEBHOOK_ADDR: must be host:port .* such as 127.0.0.1:8080 .*, not "8080"$/),
      expect.stringMatching(/^HEALTH_ADDR: .*, not "127.0.0.1:70000"$/),
      'STATELY_INSPECT: must be 1 or 0, not "perhaps"',
      'LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
      expect.stringMatching(/^API_ADDR: must be of this machine .*, not "0.0.0.0:8081", unless CONSOLE_URL says/),
      'DEEPGRAM_APIKEY: there is no such setting; did you mean DEEPGRAM_API_KEY?',
    ]);
  });

  test.each([
    ['LIVEKIT_SECRET', 'LIVEKIT_API_SECRET'],
    ['LIVEKIT_KEY', 'LIVEKIT_API_KEY'],
    ['OPENAI_URL', 'OPENAI_BASE_URL'],
    ['CARTESIA_API_KYE', 'CARTESIA_API_KEY'],
    ['VOICECHART_ENVS', 'VOICECHART_ENV'],
    ['STATELY_INSPEKT', 'STATELY_INSPECT'],
    ['WEBHOOK_ADDRESS', 'WEBHOOK_ADDR'],
    ['ROOM_PREFX', 'ROOM_PREFIX'],
    ['DATADIR', 'DATA_DIR'],
    ['API_ADDRESS', 'API_ADDR'],
    ['HEALTH_ADDRESS', 'HEALTH_ADDR'],
    ['DATA_FOLDER', 'DATA_DIR'],
    ['DATA_DIRECTORY', 'DATA_DIR'],
    ['LOG_LVL', 'LOG_LEVEL'],
  ])('%s is answered with %s', (wrong, meant) => {
    expect(problemsOf({ ...least, [wrong]: '1' })).toEqual([
      `${wrong}: there is no such setting; did you mean ${meant}?`,
    ]);
  });

  test('an unknown key of ours without a near one is told too; other programs’ keys are none of our business', () => {
    expect(problemsOf({ ...least, DEEPGRAM_MODEL: 'nova' })).toEqual(['DEEPGRAM_MODEL: there is no such setting']);
    expect(
      problemsOf({ ...least, PATH: '/bin', HOME: '/', OPENAI_ORG_ID: 'org', AGENT: 'ci', NODE_ENV: 'test' }),
    ).toEqual([]);
  });

  test('nor are those that machines, build servers and Kubernetes set', () => {
    const ordinary =
      'API_KEY API_URL API_TOKEN API_HOST API_PORT DATA DATA_PATH DATABASE_URL LOG_FILE LOG_FORMAT LOGNAME ROOM_ID XDG_DATA_DIRS XDG_DATA_HOME ' +
      'AGENT_TOOLSDIRECTORY AGENT_NAME AGENT_WORKFOLDER NODE_ENV NODE_OPTIONS HOSTNAME SHLVL CI GITHUB_ACTIONS GITHUB_API_URL RUNNER_TEMP CI_API_V4_URL ' +
      'LIVEKIT_SERVICE_HOST LIVEKIT_SERVICE_PORT LIVEKIT_SERVICE_PORT_HTTP LIVEKIT_PORT LIVEKIT_PORT_7880_TCP LIVEKIT_PORT_7880_TCP_ADDR';
    const env = Object.fromEntries(ordinary.split(' ').map((name) => [name, 'x']));
    expect(problemsOf({ ...least, ...env })).toEqual([]);
    expect(problemsOf({ ...least, LIVEKIT_PORT: '1' })).toHaveLength(1);
  });

  test.each(['127.0.0.1:8081', 'localhost:1', '127.9.9.9:0', '[::1]:8081'])('API_ADDR may be %s', (value) => {
    expect(problemsOf({ ...least, API_ADDR: value })).toEqual([]);
  });

  test.each(['0.0.0.0:8081', '[::]:8081', '10.0.0.1:8081', 'example.org:8081', '127.0.0.1.example.org:8081'])(
    'API_ADDR may not be %s, unless its users are said to come by https',
    (value) => {
      expect(problemsOf({ ...least, API_ADDR: value }).join()).toContain(`not "${value}"`);
      expect(problemsOf({ ...least, API_ADDR: value, CONSOLE_URL: 'https://calls.example.org' })).toEqual([]);
      expect(problemsOf({ ...least, API_ADDR: value, CONSOLE_URL: 'http://calls.example.org' }).join()).toMatch(
        /^CONSOLE_URL: must be a URL that begins with https/,
      );
    },
  );

  test('two doors cannot be at one address, unless the system chooses', () => {
    expect(problemsOf({ ...least, WEBHOOK_ADDR: '127.0.0.1:8082' })).toEqual([
      'HEALTH_ADDR: must differ from WEBHOOK_ADDR, both are 127.0.0.1:8082',
    ]);
    expect(problemsOf({ ...least, WEBHOOK_ADDR: '127.0.0.1:0', API_ADDR: '127.0.0.1:0' })).toEqual([]);
  });

  test('production refuses the inspector and a secret that can be guessed', () => {
    expect(
      problemsOf({ ...least, VOICECHART_ENV: 'production', STATELY_INSPECT: '1', LIVEKIT_API_SECRET: 'secret' }),
    ).toEqual([
      'STATELY_INSPECT: must be 0 in production: it shows whole calls to a web page',
      'LIVEKIT_API_SECRET: must have at least 32 bytes in production',
    ]);
    expect(good({ STATELY_INSPECT: '1' }).config.statelyInspect).toBe(true);
  });

  test('values are trimmed, and an empty one is not set', () => {
    expect(good({ ROOM_PREFIX: '  ', LOG_LEVEL: ' warn\n', OPENAI_API_KEY: 'key\n' })).toMatchObject({
      config: { roomPrefix: 'voice-ai-call', logLevel: 'warn' },
    });
  });

  test('a vendor’s key is required when an agent uses the vendor', () => {
    const { keys } = mentionsOf({ OPENAI_API_KEY: 'x', GROQ_API_KEY: ' ' });
    expect(requireVendors(keys, ['openai', 'deepgram', 'deepgram', 'cartesia'])).toEqual([
      'DEEPGRAM_API_KEY: is missing; an agent uses deepgram',
      'CARTESIA_API_KEY: is missing; an agent uses cartesia',
    ]);
  });

  test('what the other checks need is read where other settings are wrong', () => {
    const env = { LIVEKIT_URL: 'nowhere', AGENTS: ' my ', CARTESIA_CA_FILE: 'ca.pem', OPENAI_API_KEY: 'two words' };
    expect(mentionsOf(env)).toEqual({ agents: 'my', caFile: 'ca.pem', keys: ['openai'] });
    expect(mentionsOf({})).toEqual({ agents: 'agents', keys: [] });
    expect(mentionsOf({ AGENTS: 'two\nlines' })).toEqual({ keys: [] });
  });
});

describe('R8.1 secrets are never printed', () => {
  const canary = 'canary9f8e7d6c5b4a';

  test('not with what was read', () => {
    const read = good({ DEEPGRAM_API_KEY: canary, LIVEKIT_API_SECRET: canary });
    const printed = [
      inspect(read, { depth: 9, showHidden: true }),
      JSON.stringify(read),
      JSON.stringify([...read.secrets.livekitKeys.all()]),
    ];
    expect(printed.join()).not.toContain(canary);
  });

  test('not with a problem, wherever they were put', () => {
    const wrong = Object.fromEntries(settingNames.map((name) => [name, `${canary} ${name}`]));
    const problems = problemsOf({ ...wrong, OPENAI_API_KEY: canary, OPENAI_API_KEYS: canary });
    expect(problems.length).toBeGreaterThan(8);
    expect(problems.join('\n')).not.toContain(canary);
    expect(problemsOf({ ...least, LIVEKIT_URL: `wss://user:hunter2@example.org` }).join()).not.toContain('hunter2');
  });

  test('whatever the environment holds, reading it ends and shows none of them', () => {
    const name = fc.oneof(fc.constantFrom(...settingNames), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (env) => {
        const read = readConfig({ ...env, GROQ_API_KEY: canary, LOG_LEVEL: canary, ROOM_PREFIX: `${canary}\n` });
        expect(inspect(read, { depth: 9 })).not.toContain(canary);
        if ('problems' in read) for (const problem of read.problems) expect(problem).not.toBe('');
      }),
    );
  });
});
