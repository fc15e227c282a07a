import type { PlacedLink, PlacedPlate } from '../model/layout.ts';
import type { Moment } from '../hooks/use-now.ts';
import type { Lit } from '../model/lit.ts';
import type { Timer } from '../model/machine-now.ts';
import { BoxView } from './box-view.tsx';

interface PlateProps {
  readonly plate: PlacedPlate;
  readonly scale: number;
  readonly lit: Lit;
  readonly timers: readonly Timer[];
  /** Nothing while deadlines do not count. */
  readonly moment: Moment | undefined;
}

/** One region: boxes where ELK put them, links beneath, all regions of a machine in one scale. */
export function PlateView({ plate, scale, lit, timers, moment }: PlateProps) {
  const on = lit.on.has(plate.id);
  return (
    <div class={`plate ${on ? 'on' : ''}`} data-plate={plate.id}>
      <h3>{plate.name}</h3>
      <div class="sheet" style={{ width: `${plate.width * scale}px`, height: `${plate.height * scale}px` }}>
        <div
          class="scaled"
          style={{ width: `${plate.width}px`, height: `${plate.height}px`, transform: `scale(${scale})` }}
        >
          <svg width={plate.width} height={plate.height} aria-hidden="true">
            {plate.links.map((link) => (
              <LinkView key={link.id} link={link} lit={lit} />
            ))}
          </svg>
          {plate.boxes.map((each) => (
            <BoxView key={each.box.id} placed={each} lit={lit} timers={timers} moment={moment} />
          ))}
        </div>
      </div>
    </div>
  );
}

function LinkView({ link, lit }: { readonly link: PlacedLink; readonly lit: Lit }) {
  const taken = lit.left.has(link.from) && lit.entered.has(link.to);
  const open = lit.on.has(link.from);
  return (
    <g class={`link ${taken ? 'taken' : ''} ${open ? 'open' : ''}`}>
      <path d={pathOf(link.points)} />
      <path class="head" d={headOf(link.points)} />
      <title>{link.labels.join('\n')}</title>
    </g>
  );
}

const radius = 5;

/** Bends are rounded. */
function pathOf(points: PlacedLink['points']): string {
  return points
    .map(([x, y], index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (!before) return `M${x} ${y}`;
      if (!after) return `L${x} ${y}`;
      const [ax, ay] = towards([x, y], before);
      const [bx, by] = towards([x, y], after);
      return `L${ax} ${ay}Q${x} ${y} ${bx} ${by}`;
    })
    .join('');
}

function towards([x, y]: readonly [number, number], [tx, ty]: readonly [number, number]): [number, number] {
  const length = Math.hypot(tx - x, ty - y) || 1;
  const share = Math.min(radius, length / 2) / length;
  return [x + (tx - x) * share, y + (ty - y) * share];
}

function headOf(points: PlacedLink['points']): string {
  const [x, y] = points.at(-1) ?? [0, 0];
  const [px, py] = points.at(-2) ?? [x - 1, y];
  const length = Math.hypot(x - px, y - py) || 1;
  const [ux, uy] = [(x - px) / length, (y - py) / length];
  const at = (back: number, side: number) => `${x - ux * back - uy * side} ${y - uy * back + ux * side}`;
  return `M${x} ${y}L${at(6, 3)}L${at(6, -3)}Z`;
}
