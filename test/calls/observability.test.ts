import { onTestFinished, test, expect } from 'vitest';
import { flux } from '../../src/agent.ts';
import { startPrometheus, type RunningPrometheus } from '../../tools/services/prometheus.ts';
import { rows } from '../../tools/observability/panels.ts';
import { answered, ask, greeted } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { type CallWorld, openCallWorld } from '../support/call-world.ts';

const story = 'The house was built by the lake long ago, it has forty rooms, a small garden and a view of the hills.';
const rules = [
  { user: 'tell', text: story },
  { user: 'breakfast', text: 'At seven.' },
];

/** Reads an instance every second, as the example in deploy/observability does every fifteen. */
const readingOf = (health: string) => `
global: { scrape_interval: 1s }
scrape_configs:
  - job_name: voicechart
    static_configs: [{ targets: ['${health}'] }]
`;

/** A caller who is told something, nods, cuts in, is answered and hangs up. */
async function talk(world: CallWorld): Promise<void> {
  const call = await world.dial();
  await greeted(call);
  await call.phone.sayWords('tell me more');
  await call.phone.when('heard.word', ({ text }) => text === 'built');
  await call.phone.sayWords('uh-huh');
  await call.phone.when('heard.word', ({ text }) => text === 'ago,');
  await call.phone.sayWords('wait when is breakfast?');
  await answered(call, /At seven/);
  await ask(call, 'and breakfast again', /At seven/);
  await call.phone.hangUp();
  await call.until(isEnd);
}

/** As Grafana would ask over the last minutes. */
const asked = (expr: string): string => expr.replaceAll('$__rate_interval', '2m').replaceAll('$instance', '.*');

/** What Prometheus has nothing to show for, of all panels. */
async function silentIn(prometheus: RunningPrometheus): Promise<readonly string[]> {
  const silent: string[] = [];
  for (const { title, lines } of rows.flatMap(({ panels }) => panels))
    for (const [name, expr] of Object.entries(lines)) {
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      const series = await prometheus.query(asked(expr));
      if (!series.some(({ value }) => Number.isFinite(value))) silent.push(`${title}: ${name}`);
    }
  return silent;
}

test('D5.3 R7.3 R9.4 each panel of the dashboard shows something, once a real Prometheus has read a real call', () =>
  inRealTime(async () => {
    const agent = { ears: [flux()], speculate: true };
    const world = await openCallWorld({ agent, emulators: { openai: { rules } }, isWatched: true });
    const prometheus = await startPrometheus(readingOf(world.doors.health.url.slice('http://'.length)));
    onTestFinished(() => prometheus.stop());
    await eventually(
      () => prometheus.query('up{job="voicechart"}'),
      ([up]) => up?.value === 1,
    );
    const rooms = () => fetch(`${world.doors.api.url}/v1/rooms`, { headers: world.access.headers });
    expect((await rooms()).status).toBe(200);
    await talk(world);
    await rooms();
    await eventually(
      () => prometheus.query('increase(voicechart_calls_total{direction="in",outcome="caller_hung_up"}[2m])'),
      ([ended]) => (ended?.value ?? 0) > 0,
    );
    // Nothing went wrong, so nobody was alarmed.
    expect(await silentIn(prometheus)).toEqual(['Alerts: {{kind}} {{change}}']);
    await world.close();
  }));
