import { shortTime } from '../model/format.ts';
import { type Bar, stages } from '../model/latency.ts';

/** How long the caller waited for this turn, and for what; all bars of a call have one scale. */
export function LatencyBar({ bar, mostMs }: { readonly bar: Bar; readonly mostMs: number }) {
  const told = bar.parts.map(({ name, ms }) => `${name} ${Math.round(ms)} ms`).join(', ');
  return (
    <div class="latency" role="img" aria-label={`reply after ${shortTime(bar.replyMs)}: ${told}`} data-turn={bar.turn}>
      <span class="track">
        {bar.parts.map(({ key, name, ms }) => (
          <i
            key={key}
            class={key}
            style={{ width: `${(100 * ms) / mostMs}%` }}
            title={`${name} ${Math.round(ms)} ms`}
          />
        ))}
      </span>
      <span class="num muted">{shortTime(bar.replyMs)}</span>
    </div>
  );
}

/** Colours of the stages that occur. */
export function Legend({ bars }: { readonly bars: readonly Bar[] }) {
  const seen = new Set(bars.flatMap(({ parts }) => parts.map(({ key }) => key)));
  const named = [...stages, { key: 'restMs' as const, name: 'other' }].filter(({ key }) => seen.has(key));
  return (
    <ul class="legend" aria-label="What a reply waits for">
      {named.map(({ key, name }) => (
        <li key={key}>
          <i class={key} />
          {name}
        </li>
      ))}
    </ul>
  );
}
