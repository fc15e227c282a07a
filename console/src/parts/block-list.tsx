import { useState } from 'preact/hooks';
import { blocksNow, type BlockView, letIn } from '../api.ts';
import { usePolled } from '../hooks/use-polled.ts';
import { useWho } from '../hooks/use-session.ts';
import { phoneNumber, roughTime } from '../model/format.ts';

const everyMs = 5_000;

/** Who is refused for a while; for administrators alone. */
export function BlockList({ nowMs }: { readonly nowMs: number }) {
  return useWho()?.role === 'admin' ? <Blocks nowMs={nowMs} /> : null;
}

function Blocks({ nowMs }: { readonly nowMs: number }) {
  const { answer: blocks, trouble, again } = usePolled(blocksNow, everyMs);
  return (
    <section class="pane part" aria-label="Blocked sources">
      <header class="pane-head">
        <h2>Blocked sources</h2>
      </header>
      {trouble && (
        <p class="trouble hush" role="alert">
          {trouble}
        </p>
      )}
      {blocks?.length === 0 && <p class="hush muted">Nobody is refused.</p>}
      <ul class="rows">
        {blocks?.map((each) => (
          <BlockRow key={each.id} block={each} nowMs={nowMs} gone={again} />
        ))}
      </ul>
    </section>
  );
}

interface BlockRowProps {
  readonly block: BlockView;
  readonly nowMs: number;
  gone(): void;
}

function BlockRow({ block: { id, kind, source, pii, why, until }, nowMs, gone }: BlockRowProps) {
  const [trouble, setTrouble] = useState('');
  const name = pii ? phoneNumber(pii.phone) : (source ?? kind);
  const clear = async () => {
    try {
      await letIn(id);
      gone();
    } catch (error) {
      setTrouble((error as Error).message);
    }
  };
  return (
    <li class="block" data-block={id}>
      <p class="grow">
        {name}
        <span class="muted under">
          {why.replaceAll('_', ' ')}; for {roughTime(until - nowMs)} more
        </span>
        {trouble && (
          <span class="trouble under" role="alert">
            {trouble}
          </span>
        )}
      </p>
      <button type="button" class="quiet" onClick={() => void clear()}>
        Let in<span class="unseen"> {name}</span>
      </button>
    </li>
  );
}
