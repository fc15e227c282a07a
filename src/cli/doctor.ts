import { sipFileOf } from '../config.ts';
import { readArgs } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { doctorHelp, findingText, sumText } from './doctor/report.ts';

/** Looks at everything a call needs. */
export const doctor: Command = { about: 'what is wrong before callers notice, and what mends it', run };

const options = {
  file: { type: 'string', short: 'f' },
  'no-call': { type: 'boolean', default: false },
} as const;

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const asked = readArgs(args, options);
  if ('wrong' in asked || asked.positionals.length > 0) {
    const wrong = 'wrong' in asked ? asked.wrong : `options only, not ${asked.positionals.join(' ')}`;
    world.note(`voicechart doctor: ${wrong}\n\n${doctorHelp}`);
    return exitCodes.usage;
  }
  const { help, json, file = sipFileOf(world.env), 'no-call': noCall } = asked.values;
  if (help) world.out(doctorHelp);
  return help ? exitCodes.done : look({ json, file, call: !noCall }, world);
}

interface Look {
  readonly json: boolean;
  readonly file: string;
  readonly call: boolean;
}

async function look({ json, file, call }: Look, world: CommandWorld): Promise<number> {
  const { env, signal, colours = false } = world;
  const findings: Finding[] = [];
  const tell = (finding: Finding): void => {
    if (signal.aborted) return;
    findings.push(finding);
    if (!json) world.out(findingText(finding, colours));
  };
  if (!json) world.out('voicechart doctor\n');
  await examine({ env, sipFile: file, call }, { tell, signal, cleaning: new Set() });
  const result = signal.aborted ? 'stopped' : findings.some(({ verdict }) => verdict === 'mend') ? 'to_mend' : 'well';
  world.out(json ? `${JSON.stringify({ result, findings })}\n` : signal.aborted ? '\nstopped\n' : sumText(findings));
  return { stopped: exitCodes.stopped, to_mend: exitCodes.failed, well: exitCodes.done }[result];
}
