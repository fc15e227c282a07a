import { useState } from 'preact/hooks';
import type { RecoveryView } from '../../../src/runtime/recovery-view.ts';
import { acknowledge } from '../api.ts';
import { useWho } from '../hooks/use-session.ts';
import { roughTime } from '../model/format.ts';
import { fullName } from '../model/targets.ts';

interface IncidentsProps {
  readonly view: RecoveryView;
  readonly nowMs: number;
}

/** What recovery could not mend: somebody must, and then say so. */
export function Incidents({ view: { incidents, elsewhere }, nowMs }: IncidentsProps) {
  if (incidents.length + elsewhere.length === 0) return null;
  return (
    <section class="incident" aria-label="Waiting for an administrator">
      <div class="grow">
        <h2>Recovery needs somebody</h2>
        <ul>
          {incidents.map(({ target, failure, since }) => (
            <li key={target} data-incident={target}>
              <b>{fullName(target)}</b> for {roughTime(nowMs - since)}
              {failure && <span class="muted">: {failure.message}</span>}
            </li>
          ))}
          {elsewhere.map((target) => (
            <li key={`${target} elsewhere`} data-elsewhere={target}>
              <b>{fullName(target)}</b> <span class="muted">at another instance</span>
            </li>
          ))}
        </ul>
      </div>
      <Acknowledge />
    </section>
  );
}

function Acknowledge() {
  const [trouble, setTrouble] = useState('');
  const isAdmin = useWho()?.role === 'admin';
  const say = () =>
    acknowledge().then(
      () => setTrouble(''),
      (error: unknown) => setTrouble((error as Error).message),
    );
  if (!isAdmin) return <p class="muted note">An administrator says when it is mended.</p>;
  return (
    <div class="say">
      <button type="button" onClick={() => void say()}>
        It is mended
      </button>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}
