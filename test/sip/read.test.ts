import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import * as fc from '../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { type Held, readSip, type SipThing, writeSip } from '../../src/sip.ts';
import { changedFields } from '../../src/sip/compare.ts';
import { inbound, outbound, rule, sipFile } from '../support/sip-files.ts';

const env = {
  SIP_NUMBER: '+4930123456',
  SIP_PROVIDER_NETWORK: '203.0.113.0/24',
  SIP_BACKUP_NETWORK: '198.51.100.7',
  SIP_PASSWORD: 'canary-password',
};

const problemsOf = (text: string): string[] => {
  const reading = readSip(text, env);
  if (!('problems' in reading)) return [];
  return reading.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
};

const good = (text: string) => {
  const reading = readSip(text, env);
  if ('problems' in reading) throw new Error(problemsOf(text).join('\n'));
  return reading;
};

const trunk = 'allowedAddresses: [203.0.113.0/24]';

describe('the file', () => {
  it('of the repository is the document’s: one trunk, one rule, and a set for the worst day', () => {
    const { main, backup } = good(readFileSync(new URL('../../sip.yaml', import.meta.url), 'utf8'));
    const dispatch = rule('voice-ai-dispatch', ['novofon-inbound']);
    expect(main).toEqual([inbound('novofon-inbound', { numbers: ['+4930123456'] }), dispatch]);
    expect(backup).toEqual([
      inbound('novofon-inbound', { numbers: ['+4930123456'], allowedAddresses: ['198.51.100.7'] }),
      dispatch,
    ]);
  });

  it('takes telephone numbers as text, quoted or not, with their zeros', () => {
    const { main } = good(`
inbound: { a: { numbers: [+4930123, 0301, "49 30-1"], ${trunk}, ringSeconds: 30 } }
outbound: { o: { address: "sip.example.org:5061", numbers: [0049301], transport: tls, country: DE } }
rules: { r: { trunks: [a], numbers: [0301], room: { type: callee, prefix: p, randomize: true }, hideNumber: true } }`);
    expect(main).toEqual([
      inbound('a', { numbers: ['+4930123', '0301', '49 30-1'], ringSeconds: 30 }),
      outbound('o', { address: 'sip.example.org:5061', numbers: ['0049301'], transport: 'tls', country: 'DE' }),
      rule('r', ['a'], {
        numbers: ['0301'],
        room: { type: 'callee', prefix: 'p', randomize: true },
        hideNumber: true,
        attributes: {},
      }),
    ]);
  });

  it('holds no password, and shows none', () => {
    const { main } = good('inbound: { a: { auth: { username: u, password: "${SIP_PASSWORD}" } } }');
    expect(main).toMatchObject([{ auth: { username: 'u' } }]);
    expect(inspect(main, { depth: 9 }) + JSON.stringify(main)).not.toContain('canary');
    expect(problemsOf('inbound: { a: { auth: { username: u, password: hunter2 } } }')).toEqual([
      '1:48 inbound.a.auth.password: must be ${NAME} of a variable of the environment: this file is for everybody to read',
    ]);
  });

  const refused: readonly (readonly [string, string, readonly (string | RegExp)[]])[] = [
    [
      'the whole internet without allowAnyAddress: true',
      'inbound:\n  a:\n    numbers: [+49301]\n    allowedAddresses:\n      - 203.0.113.9\n      - 0.0.0.0/0\n      - "::/0"\n',
      [/^6:9 inbound\.a\.allowedAddresses\[1\]: lets nearly anybody/, /^7:9 inbound\.a\.allowedAddresses\[2\]: /],
    ],
    [
      'a rule without trunk',
      `inbound:\n  a: { ${trunk} }\nrules:\n  r:\n    room: { prefix: p }\n  s:\n    room: { prefix: p }\n    trunks: []\n`,
      [/^4:3 rules\.r\.trunks: at least one inbound trunk/, /^8:5 rules\.s\.trunks: at least one inbound trunk/],
    ],
    [
      'a rule of a trunk that there is not',
      `inbound:\n  a: { ${trunk} }\nrules:\n  r: { trunks: [a, constructor], room: { prefix: p } }\n`,
      ['4:20 rules.r.trunks[1]: there is no such inbound trunk; there are a'],
    ],
    [
      'one number with two trunks, however it is written',
      `inbound:\n  a: { numbers: [+49301], ${trunk} }\n  b:\n    ${trunk}\n    numbers:\n      - 49 30-1\n`,
      ['6:9 inbound.b.numbers[0]: inbound trunk a has this number already'],
    ],
    [
      'two trunks for every other number',
      `inbound:\n  a: { ${trunk} }\n  b: { ${trunk} }\n`,
      [/^3:3 inbound\.b: takes calls to every other number, as inbound trunk a does/],
    ],
    [
      'two rules for the same calls',
      `inbound:\n  a: { ${trunk} }\nrules:\n  r: { trunks: [a], room: { prefix: p } }\n  s: { trunks: [a], room: { prefix: q } }\n`,
      ['5:17 rules.s.trunks[0]: rule r takes these calls already'],
    ],
    [
      'a rule for a number that its trunks do not have',
      `inbound:\n  a: { numbers: [+49301], ${trunk} }\nrules:\n  r: { trunks: [a], numbers: [+49302], room: { prefix: p } }\n`,
      ['4:31 rules.r.numbers[0]: no trunk of this rule has this number'],
    ],
    [
      'keys that there are not',
      `inbound:\n  a:\n    ${trunk}\n    auth_required: false\ntrunks: {}\n`,
      [
        /^4:5 inbound\.a\.auth_required: there is no such field; there are numbers, /,
        /^5:1 trunks: there is no such field/,
      ],
    ],
    [
      'variables that are not set, and ones written wrong',
      'inbound:\n  a:\n    numbers: ["${SIP_NUMBR}", "${", "${1}"]\n    allowedAddresses: ["${EMPTY}"]\n',
      [
        '3:15 inbound.a.numbers[0]: the variable SIP_NUMBR is not set',
        '3:31 inbound.a.numbers[1]: a variable is written ${NAME}',
        '3:37 inbound.a.numbers[2]: a variable is written ${NAME}',
        '4:24 inbound.a.allowedAddresses[0]: the variable EMPTY is not set',
      ],
    ],
    [
      'no authentication and no addresses',
      'inbound:\n  a:\n    numbers: [+49301]\n',
      ['2:3 inbound.a: needs auth or allowedAddresses: otherwise anybody on the internet may call'],
    ],
    [
      'a wide open trunk of no number',
      'inbound:\n  a:\n    allowAnyAddress: true\n',
      ['2:3 inbound.a: needs numbers or auth: with allowAnyAddress alone it takes every call from anywhere'],
    ],
    [
      'values of the wrong kind',
      'inbound:\n  a:\n    numbers: +49301\n    allowedAddresses: [300.1.1.1, "a b"]\n    ringSeconds: soon\n    allowAnyAddress: yes\noutbound:\n  o: { address: "sip:x.example", numbers: [] }\n',
      [
        '3:14 inbound.a.numbers: a list of at most 1000 numbers, not "+49301"',
        /^4:24 inbound\.a\.allowedAddresses\[0\]: an IP address, a network such as .*, not "300\.1\.1\.1"$/,
        /^4:35 inbound\.a\.allowedAddresses\[1\]: .*, not "a b"$/,
        '5:18 inbound.a.ringSeconds: a whole number from 1 to 3600, not "soon"',
        '6:22 inbound.a.allowAnyAddress: one of true, false, not "yes"',
        '8:17 outbound.o.address: host or host:port, without sip: or a transport, not "sip:x.example"',
        '8:34 outbound.o.numbers: at least one number to call from',
      ],
    ],
    ['the same name twice', 'inbound:\n  a: {}\n  a: {}\n', ['3:3 : Map keys must be unique']],
    [
      'a backup set with mistakes of its own',
      'backup:\n  inbound:\n    a: {}\n',
      [/^3:5 backup\.inbound\.a: needs auth/],
    ],
    ['what is no YAML', 'inbound: [', [/^1:11 : Flow sequence/]],
    ['nothing', '# only a comment\n', ['1:1 : nothing is in it']],
    ['another shape', '[]', ['1:1 : some of the fields inbound, outbound, rules, backup']],
  ];

  it.each(refused)('is refused with line and column: %s', (_, text, expected) => {
    const told = problemsOf(text);
    const same = expected.every((each, index) =>
      typeof each === 'string' ? told[index] === each : each.test(told[index] ?? ''),
    );
    expect(same && told.length === expected.length, told.join('\n')).toBe(true);
  });

  it('a value that came from the environment is not shown when it is wrong', () => {
    const reading = readSip('inbound: { a: { numbers: ["${N}"], allowAnyAddress: true } }', { N: 'canary!' });
    expect(reading).toMatchObject({ problems: [{ line: 1, column: 27 }] });
    expect(JSON.stringify(reading)).toContain('${N}');
    expect(JSON.stringify(reading)).not.toContain('canary');
  });

  it('may be open to everybody when it says so', () => {
    good('inbound: { a: { numbers: [+49301], allowedAddresses: [0.0.0.0/0], allowAnyAddress: true } }');
    good('inbound: { a: { numbers: [+49301], allowAnyAddress: true } }');
  });

  it('nested without end is refused', () => {
    expect(problemsOf('['.repeat(20_000))[0]).toMatch(/^1:/);
    expect(problemsOf(`a: ${'['.repeat(300)}${']'.repeat(300)}`)[0]).toMatch(/^1:1 a: there is no such field/);
  });

  it('never throws, whatever is in it', () => {
    const piece = fc.constantFrom(
      'inbound:',
      ' a:',
      '\n',
      ' ',
      '{',
      '}',
      '[',
      '- ',
      '${X}',
      '&a',
      '*a',
      '!!x',
      '"',
      "'",
      '|',
      '0',
      'rules: ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const reading = readSip(pieces.join(''), env);
        if ('problems' in reading)
          expect(reading.problems.every(({ line, column }) => line > 0 && column > 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

const held = (file: readonly SipThing[]): Held[] =>
  file.map((thing) => {
    const named = thing.kind === 'rule' ? { ...thing, trunks: thing.trunks.map((name) => `id-${name}`) } : thing;
    return { ...named, id: `id-${thing.name}` };
  });

describe('a written file', () => {
  it('reads as what was written, with variables in place of passwords', () => {
    fc.assert(
      fc.property(sipFile, (file) => {
        const { yaml, variables, omitted } = writeSip(held(file));
        expect(yaml).not.toContain('password"');
        const secrets = file.flatMap((thing) => (thing.kind === 'inbound' && thing.auth ? [thing.auth.password] : []));
        const values = Object.fromEntries(variables.map((name, index) => [name, secrets[index]!.reveal()]));
        const reading = readSip(yaml, values);
        if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
        expect(omitted).toEqual([]);
        expect(reading.main).toHaveLength(file.length);
        for (const thing of file) {
          const read = reading.main.find(({ kind, name }) => kind === thing.kind && name === thing.name);
          expect(changedFields(read, thing)).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps a text that looks like a variable', () => {
    const thing = inbound('a ${b}', { numbers: ['+49301'], metadata: '{"x":"${SIP_NUMBER}"} $${' });
    const served = rule('r', ['a ${b}'], { attributes: { x: '${' } });
    expect(good(writeSip(held([thing, served])).yaml).main).toEqual([thing, served]);
  });

  it('says what cannot be written, and calls the nameless by their ids', () => {
    const nameless = { ...inbound('', { numbers: ['+49301'] }), id: 'ST_1' };
    const open = { ...rule('open', []), id: 'SDR_1' };
    const { yaml, omitted } = writeSip([nameless, open]);
    expect(omitted).toEqual(['rule open has no trunk: it answers calls from anybody']);
    expect(good(yaml).main.map(({ name }) => name)).toEqual(['ST_1']);
  });
});
