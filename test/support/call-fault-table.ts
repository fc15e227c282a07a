import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CallFault, VendorUnderTest } from './call-faults.ts';

/** What became of a call under one fault. */
export interface FaultResult {
  readonly fault: Pick<CallFault, 'vendor' | 'name'>;
  readonly outcome: 'went on' | 'said goodbye';
  /** The longest silence at the ear while something was owed. */
  readonly silenceMs: number;
}

const vendors: readonly VendorUnderTest[] = ['Nova', 'Flux', 'OpenAI', 'Cartesia'];
const page = fileURLToPath(new URL('../../docs/faults.md', import.meta.url));

/** Writes `docs/faults.md`. */
export function writeFaultTable(results: readonly FaultResult[]): void {
  const names = [...new Set(results.map(({ fault }) => fault.name))];
  const cell = (name: string, vendor: VendorUnderTest) => {
    const found = results.find(({ fault }) => fault.name === name && fault.vendor === vendor);
    return found ? `${found.silenceMs} ms, ${found.outcome}` : '';
  };
  const rows = names.map((name) => `| ${[name, ...vendors.map((vendor) => cell(name, vendor))].join(' | ')} |`);
  writeFileSync(
    page,
    [...heading, `| the vendor … | ${vendors.join(' | ')} |`, '| --- | --- | --- | --- | --- |', ...rows, ''].join(
      '\n',
    ),
  );
}

const heading = [
  '# What a caller hears when a vendor fails',
  '',
  'Each call runs over the real livekit-server with emulated vendors. After the greeting one vendor breaks, the caller says something,',
  'and is answered; then the vendor is well again, and the caller says something else. A cell holds the longest silence at the',
  "caller's ear while something was owed to him (from his last sound until the agent, having said something, listens again), and",
  'what became of the call: it went on, or the agent said goodbye by stored phrases and hung up. In every call the history held',
  'nothing that was not heard. The promise is 2,500 ms.',
  '',
  'Written by `VOICECHART_SUITE=1 npx vitest run test/calls/faults.test.ts`.',
  '',
];
