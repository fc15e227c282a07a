import type { HealthView } from '../../../src/runtime/health/view.ts';
import type { RecoveryView } from '../../../src/runtime/recovery-view.ts';
import { useMoment } from '../hooks/use-now.ts';
import type { Connection } from '../hooks/open-stream.ts';
import { useView } from '../hooks/use-view.ts';
import { sentenceOf } from '../model/targets.ts';
import { AlertList } from './alert-list.tsx';
import { BlockList } from './block-list.tsx';
import { Incidents } from './incidents.tsx';
import { PostureCard } from './posture-card.tsx';
import { RecoveryPane } from './recovery-pane.tsx';
import { TargetTable } from './target-table.tsx';
import { TopBar } from './top-bar.tsx';

const present = { aheadMs: 0 };

/** Everything that calls depend on, what recovery does about it, and what operators were told. */
export function HealthPage() {
  const { view: health, connection } = useView<HealthView>('health');
  const recovery = useView<RecoveryView>('recovery');
  const nowMs = useMoment(present, 1_000);
  return (
    <>
      <TopBar>
        <span class="grow" />
        <Standing health={health} connection={connection} />
      </TopBar>
      <main class="health">
        <header class="lead">
          <h1>Health</h1>
          <p class="muted" role="status" data-sentence>
            {health ? sentenceOf(health.targets) : 'Asking …'}
          </p>
        </header>
        {recovery.view && <Incidents view={recovery.view} nowMs={nowMs} />}
        <div class="columns">
          <section class="pane" aria-label="What calls depend on">
            <TargetTable targets={health?.targets ?? []} nowMs={nowMs} isKnown={health !== undefined} />
          </section>
          <div class="side">
            <PostureCard view={recovery.view} nowMs={nowMs} />
            <AlertList nowMs={nowMs} />
            <BlockList nowMs={nowMs} />
          </div>
        </div>
        <RecoveryPane view={recovery.view} before={recovery.before} nowMs={nowMs} />
      </main>
    </>
  );
}

const words = { pass: ['live', 'all well'], warn: ['lost', 'not all well'], fail: ['away', 'no calls'] } as const;

function Standing({
  health,
  connection,
}: {
  readonly health: HealthView | undefined;
  readonly connection: Connection;
}) {
  if (connection === 'reconnecting') return <span class="pill lost">reconnecting …</span>;
  if (!health) return <span class="pill">connecting …</span>;
  const [kind, text] = words[health.status];
  return (
    <span class={`pill ${kind}`} data-standing={health.status}>
      {text}
    </span>
  );
}
