import type { ListedCall } from '../../../src/runtime/calls.ts';
import { callsNow } from '../api.ts';
import { useMoment } from '../hooks/use-now.ts';
import { usePolled } from '../hooks/use-polled.ts';
import { callHref, phoneOf } from '../model/route.ts';
import { clockTime, dayTime, phoneNumber } from '../model/format.ts';
import { liveFirst } from '../model/order.ts';
import { CallerBox } from './caller-box.tsx';
import { TopBar } from './top-bar.tsx';

const present = { aheadMs: 0 };
const everyMs = 1_500;

/** All calls, the live ones first. */
export function CallList() {
  const { answer: calls, trouble } = usePolled(callsNow, everyMs);
  const now = useMoment(present, 1_000);
  const phone = phoneOf(location.search);
  const live = calls?.filter(({ endedAt }) => endedAt === undefined).length ?? 0;
  return (
    <>
      <TopBar>
        <p class="grow muted">{calls === undefined ? '' : `${live} live · ${calls.length} in all`}</p>
      </TopBar>
      <main class="list">
        <h1>Calls</h1>
        {trouble && (
          <p class="trouble" role="alert">
            {trouble}. Looking again …
          </p>
        )}
        {phone && (
          <section class="card" aria-label="Be the caller">
            <CallerBox phone={phone} />
          </section>
        )}
        {calls?.length === 0 && <NoCalls phone={phone} />}
        {calls !== undefined && calls.length > 0 && (
          <div class="calls">
            <Heads />
            <ul>
              {liveFirst(calls).map((call) => (
                <CallRow key={call.callKey} call={call} now={now} />
              ))}
            </ul>
          </div>
        )}
      </main>
    </>
  );
}

/** For the eye: a row says it all in its own words to who cannot see it. */
const Heads = () => (
  <div class="call heads" aria-hidden="true">
    <span />
    <span>Caller and agent</span>
    <span>How it ended</span>
    <span class="num">Turns</span>
    <span class="num">Lasted</span>
    <span class="num">Began</span>
  </div>
);

function CallRow({ call, now }: { readonly call: ListedCall; readonly now: number }) {
  const { callKey, startedAt, endedAt, agent, why, turns, direction, owner, pii } = call;
  return (
    <li>
      <a class="call" href={callHref(callKey)} data-call={callKey}>
        <span class={endedAt === undefined ? 'dot live' : 'dot'} aria-hidden="true" />
        <span class="who">
          <b>{phoneNumber(pii.phone)}</b>
          <span class="muted">
            {direction === 'out' ? ' ← ' : ' → '}
            {agent ?? 'no agent yet'}
          </span>
        </span>
        <span class="how">{endedAt === undefined ? <Running owner={owner} /> : (why ?? 'ended')}</span>
        <span class="muted num turns">
          {turns}
          <span class="unseen">{turns === 1 ? ' turn' : ' turns'}, lasted</span>
        </span>
        <span class="num">{clockTime((endedAt ?? now) - startedAt)}</span>
        <span class="unseen">began</span>
        <time class="muted num" dateTime={new Date(startedAt).toISOString()}>
          {dayTime(startedAt, now)}
        </time>
      </a>
    </li>
  );
}

const Running = ({ owner }: Pick<ListedCall, 'owner'>) => (
  <>
    <em class="pill live">live</em>
    {owner && (
      <span class="muted num" title="The process that runs the call">
        {' '}
        process {owner.pid}
      </span>
    )}
  </>
);

const NoCalls = ({ phone }: { readonly phone: string | undefined }) => (
  <section class="empty">
    <h2>No calls yet</h2>
    {phone ? (
      <p>Be the first: phone in above, then type what a caller says. The emulated phone speaks it into the room.</p>
    ) : (
      <>
        <p>
          A call appears here when a caller comes into a LiveKit room whose name begins with <code>voice-ai-call</code>:
          by telephone through a SIP trunk, or a participant whose token says <code>voicechart.role=caller</code>.
        </p>
        <p>
          Nothing arrives? LiveKit must send its webhooks to <code>/webhooks/livekit</code> of this instance. To watch a
          call without keys or a telephone, run <code>npm run demo</code>.
        </p>
      </>
    )}
  </section>
);
