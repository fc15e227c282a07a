import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Drawing } from '../hooks/use-charts.ts';
import type { Moment } from '../hooks/use-now.ts';
import { useScale } from '../hooks/use-scale.ts';
import type { PlacedPlate } from '../model/layout.ts';
import { activePaths, type Lit } from '../model/lit.ts';
import type { MachineNow } from '../model/machine-now.ts';
import { PlateView } from './plate-view.tsx';

interface MachineProps {
  readonly name: string;
  readonly drawing: Drawing;
  readonly lit: Lit;
  readonly now: MachineNow | undefined;
  readonly moment: Moment | undefined;
  /** Between the largest region and the others. */
  readonly children?: ComponentChildren;
}

/** A machine as it is declared, lit where it is: its largest region first. */
export function MachineView({ name, drawing: { index, plates }, lit, now, moment, children }: MachineProps) {
  const frame = useRef<HTMLDivElement>(null);
  const scale = useScale(frame, (plates[0]?.width ?? 0) + platePaddingPx);
  const view = (plate: PlacedPlate) => (
    <PlateView key={plate.id} plate={plate} scale={scale} lit={lit} timers={now?.timers ?? []} moment={moment} />
  );
  const [largest, ...rest] = plates;
  return (
    <div class="machine" role="group" aria-label={labelOf(name, index, now)} data-machine={name}>
      <div ref={frame}>{largest && view(largest)}</div>
      {children}
      <div class="plates">
        {rest.filter(({ height }) => height > lowPx).map(view)}
        <div class="stack">{rest.filter(({ height }) => height <= lowPx).map(view)}</div>
      </div>
    </div>
  );
}

/** Regions no higher than this lie below each other. */
const lowPx = 110;
const platePaddingPx = 16;

export function labelOf(name: string, index: Drawing['index'], now: MachineNow | undefined): string {
  const where = activePaths(index, now).join('; ');
  return `Machine ${name}: ${where || 'not running'}`;
}
