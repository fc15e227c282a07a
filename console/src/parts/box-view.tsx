import { type Moment, useMoment } from '../hooks/use-now.ts';
import { leftTime } from '../model/format.ts';
import { lastOf, mostPips, type PlacedBox } from '../model/layout.ts';
import type { Lit } from '../model/lit.ts';
import type { Timer } from '../model/machine-now.ts';
import type { Box } from '../model/plates.ts';

interface BoxProps {
  readonly placed: PlacedBox;
  readonly lit: Lit;
  readonly timers: readonly Timer[];
  readonly moment: Moment | undefined;
}

/** A state where ELK put it: lit while it is active, its deadline beside it. */
export function BoxView({ placed: { box, x, y, width, height }, ...seen }: BoxProps) {
  const kind = kindOf(box);
  return (
    <div
      class={`box ${kind} ${stateClass(box, seen.lit)}`}
      style={{ transform: `translate(${x}px, ${y}px)`, width: `${width}px`, height: `${height}px` }}
      title={kind === 'choice' ? box.key : undefined}
      data-state={box.id}
      data-on={seen.lit.on.has(box.id)}
    >
      {kind === 'choice' ? <span class="unseen">{box.key}</span> : <Inside box={box} {...seen} />}
    </div>
  );
}

function kindOf({ children, pips, choice }: Box): 'whole' | 'folded' | 'choice' | 'leaf' {
  if (children.length > 0) return 'whole';
  if (pips.length > 0) return 'folded';
  return choice ? 'choice' : 'leaf';
}

/** The same in a row of others. */
export function ChipView({ box, ...seen }: { readonly box: Box } & Omit<BoxProps, 'placed'>) {
  return (
    <div class={`chip ${stateClass(box, seen.lit)}`} data-state={box.id} data-on={seen.lit.on.has(box.id)}>
      <Inside box={box} {...seen} />
    </div>
  );
}

const stateClass = (box: Box, lit: Lit): string => `${lit.on.has(box.id) ? 'on' : ''} ${box.final ? 'final' : ''}`;

function Inside({ box, lit, timers, moment }: { readonly box: Box } & Omit<BoxProps, 'placed'>) {
  const timer = lit.on.has(box.id) ? soonest(timersOf(box, timers)) : undefined;
  return (
    <>
      <span class="name" title={box.invokes.length > 0 ? `runs ${box.invokes.join(', ')}` : undefined}>
        {box.key}
        {box.invokes.length > 0 && <i class="runs" />}
      </span>
      {box.pips.length > 0 && <Pips box={box} lit={lit} />}
      {timer && moment && <Deadline timer={timer} moment={moment} />}
    </>
  );
}

/** Timers of the state itself, and of what is folded away inside it. */
const timersOf = ({ id, inside }: Box, timers: readonly Timer[]): Timer[] =>
  timers.filter(({ state }) => state === id || inside.includes(state));

const soonest = (timers: readonly Timer[]): Timer | undefined => timers.toSorted((a, b) => a.dueAt - b.dueAt)[0];

function Pips({ box, lit }: { readonly box: Box; readonly lit: Lit }) {
  const active = box.pips.find(({ id }) => lit.on.has(id));
  return (
    <span class="pips">
      {box.pips.length <= mostPips &&
        box.pips.map(({ id }) => (
          <i key={id} class={lit.on.has(id) ? 'pip on' : 'pip'} data-state={id} data-on={lit.on.has(id)} />
        ))}
      {active && <span class="inner">{lastOf(active.path)}</span>}
    </span>
  );
}

function Deadline({ timer, moment }: { readonly timer: Timer; readonly moment: Moment }) {
  const nowMs = useMoment(moment, 100);
  const whole = Math.max(1, timer.dueAt - timer.since);
  const left = Math.max(0, timer.dueAt - nowMs);
  return (
    <>
      <span class="due" title={timer.name} data-due={timer.name}>
        {leftTime(left)}
      </span>
      <i class="fuse" style={{ transform: `scaleX(${Math.min(1, left / whole)})` }} />
    </>
  );
}
