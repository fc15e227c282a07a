import type { RecoveryView } from '../../../src/runtime/recovery-view.ts';
import type { Posture } from '../../../src/posture.ts';
import { roughTime } from '../model/format.ts';
import { fullName } from '../model/targets.ts';

interface PostureCardProps {
  readonly view: RecoveryView | undefined;
  readonly nowMs: number;
}

/** What recovery has decided for all instances. */
export function PostureCard({ view, nowMs }: PostureCardProps) {
  return (
    <section class="pane part" aria-label="Posture">
      <header class="pane-head">
        <h2>Posture</h2>
        {view && (
          <span class={`pill ${modes[view.posture.mode].kind}`} data-mode={view.posture.mode}>
            {view.posture.mode}
          </span>
        )}
      </header>
      {view ? (
        <Inside posture={view.posture} nowMs={nowMs} />
      ) : (
        <p class="hush muted">Recovery has not answered yet.</p>
      )}
    </section>
  );
}

const modes = {
  normal: { kind: 'live', text: 'Calls are taken and nothing is switched off.' },
  degraded: { kind: 'lost', text: 'Calls are taken; something is done in another way, or not at all.' },
  failsafe: { kind: 'away', text: 'New calls hear a stored greeting and are put through to a person.' },
} as const;

function Inside({ posture, nowMs }: { readonly posture: Posture; readonly nowMs: number }) {
  const { mode, since, livekitHost, sipSet, avoid, limited } = posture;
  const differs = [
    ...(livekitHost === 'fallback' ? [['New calls', 'at the fallback LiveKit']] : []),
    ...(sipSet === 'backup' ? [['Telephony', 'by the backup set']] : []),
    ...(avoid.length > 0 ? [['Asked last', avoid.map(fullName).join(', ')]] : []),
    ...(limited.length > 0 ? [['Switched off', limited.join(', ')]] : []),
    ...(since > 0 ? [['Since', roughTime(nowMs - since)]] : []),
  ];
  return (
    <div class="inside">
      <p>{modes[mode].text}</p>
      {differs.length > 0 && (
        <dl>
          {differs.map(([what, how]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{how}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
