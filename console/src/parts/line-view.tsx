import { shortTime } from '../model/format.ts';
import type { Bar } from '../model/latency.ts';
import type { Line } from '../model/line.ts';
import { LatencyBar } from './latency-bar.tsx';

interface LineProps {
  readonly line: Line;
  /** What is still to be said of it may come yet. */
  readonly isLast: boolean;
  readonly time: string;
  readonly bar: Bar | undefined;
  readonly mostMs: number;
}

export function LineView({ line, isLast, time, bar, mostMs }: LineProps) {
  return (
    <li class={`line ${line.who} ${line.backchannel ? 'aside' : ''}`} data-line={line.id}>
      <span class="num time">{time}</span>
      <span class="speaker">{line.who}</span>
      <div class="said">
        {line.who === 'tool' ? <ToolText line={line} /> : <SpokenText line={line} isLast={isLast} />}
        {bar && <LatencyBar bar={bar} mostMs={mostMs} />}
      </div>
    </li>
  );
}

function SpokenText({ line, isLast }: Pick<LineProps, 'line' | 'isLast'>) {
  const { who, text, unheard, cut, finished, backchannel, lastedMs } = line;
  return (
    <p>
      {text}
      {text && unheard && ' '}
      {unheard && cut && <del>{unheard}</del>}
      {unheard && !cut && <span class="coming">{unheard}</span>}
      {who === 'agent' && !text && !unheard && <span class="coming">…</span>}
      {cut && <em class="tag cut">{text ? 'cut' : 'not heard'}</em>}
      {who === 'agent' && !cut && !finished && !isLast && <em class="tag">left off</em>}
      {backchannel && (
        <em class="tag">backchannel{lastedMs !== undefined && <span class="num">, {shortTime(lastedMs)}</span>}</em>
      )}
      {who === 'agent' && finished && !cut && (
        <em class="heard" title="heard to the end">
          ✓<span class="unseen"> heard</span>
        </em>
      )}
    </p>
  );
}

function ToolText({ line: { name, input, text, ok } }: { readonly line: Line }) {
  return (
    <p class="tool">
      <code class="call-of">
        {name}({brief(input)})
      </code>
      {ok === undefined ? (
        <em class="tag">running …</em>
      ) : (
        <>
          <span class="muted" aria-label="gave">
            {' → '}
          </span>
          <code class={ok ? 'result' : 'result bad'}>{brief(text)}</code>
        </>
      )}
    </p>
  );
}

/** JSON without the quotes that only machines need. */
const brief = (json: string): string =>
  json
    .replace(/"([A-Za-z_]\w*)":/g, '$1: ')
    .replace(/,(?=\w+: )/g, ', ')
    .replace(/^\{(.*)\}$/s, '$1');
