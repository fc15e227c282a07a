import type { Panel, Row } from './panel.ts';

const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 24;
const [green, amber, red] = ['green', 'orange', 'red'];

/** Width and height, in Grafana's columns and rows. */
const sizeOf = { number: [4, 4], lines: [8, 8], stacked: [8, 8], states: [12, 8] } as const;
const typeOf = { number: 'stat', lines: 'timeseries', stacked: 'timeseries', states: 'state-timeline' } as const;

/** The dashboard as Grafana (10 or newer) imports it. Colours are names, so that it can be read in the dark and by day. */
export function dashboardOf(rows: readonly Row[]): object {
  return {
    uid: 'voicechart',
    title: 'Voicechart',
    description: 'Calls, turns, vendors, LiveKit, doors, health and the process of Voicechart instances',
    tags: ['voicechart'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '15s',
    time: { from: 'now-1h', to: 'now' },
    timezone: '',
    templating: { list: [chooseSource, chooseInstance] },
    annotations: { list: [] },
    panels: placed(rows),
  };
}

const chooseSource = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
};

const chooseInstance = {
  name: 'instance',
  label: 'Instance',
  type: 'query',
  datasource,
  query: { query: 'label_values(voicechart_calls_active, instance)', refId: 'instance' },
  refresh: 2,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
};

/** Rows one below the other, their panels from left to right. */
function placed(rows: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    let [x, below] = [0, y];
    for (const panel of row.panels) {
      const [w, h] = sizeOf[panel.kind];
      if (x + w > columns) [x, y] = [0, below];
      panels.push({ id: panels.length + 1, gridPos: { x, y, w, h }, ...shown(panel) });
      [x, below] = [x + w, Math.max(below, y + h)];
    }
    y = below;
  }
  return panels;
}

function shown({ title, about, unit, kind, lines, limits }: Panel): object {
  return {
    type: typeOf[kind],
    title,
    description: about,
    datasource,
    targets: Object.entries(lines).map(([legendFormat, expr], index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource,
      expr,
      legendFormat,
      range: true,
    })),
    fieldConfig: { defaults: { unit, ...fieldOf(kind), thresholds: thresholdsOf(limits) }, overrides: [] },
    options: optionsOf(kind),
  };
}

const thresholdsOf = (limits: Panel['limits']) => ({
  mode: 'absolute',
  steps: [
    { color: green, value: null },
    ...(limits
      ? [
          { color: amber, value: limits[0] },
          { color: red, value: limits[1] },
        ]
      : []),
  ],
});

function fieldOf(kind: Panel['kind']): object {
  if (kind === 'number') return { color: { mode: 'thresholds' }, noValue: '–' };
  if (kind === 'states') return { color: { mode: 'thresholds' }, custom: { fillOpacity: 70, lineWidth: 0 } };
  const stacking = kind === 'stacked' ? { mode: 'normal', group: 'A' } : { mode: 'none', group: 'A' };
  return {
    color: { mode: 'palette-classic' },
    min: kind === 'stacked' ? 0 : undefined,
    custom: {
      lineWidth: 1,
      fillOpacity: kind === 'stacked' ? 40 : 8,
      showPoints: 'never',
      spanNulls: false,
      stacking,
      thresholdsStyle: { mode: kind === 'lines' ? 'dashed' : 'off' },
    },
  };
}

function optionsOf(kind: Panel['kind']): object {
  if (kind === 'number')
    return {
      colorMode: 'value',
      graphMode: 'area',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    };
  const legend = { showLegend: true, displayMode: 'list', placement: 'bottom' };
  if (kind === 'states') return { mergeValues: true, showValue: 'never', legend };
  return { legend, tooltip: { mode: 'multi', sort: 'desc' } };
}
