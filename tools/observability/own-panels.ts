import { lines, stacked, states, type Row } from './panel.ts';
import { now, perInstance, perSecond, quantile, share, total } from './query.ts';

export const doors: Row = {
  title: 'Doors',
  panels: [
    stacked('Webhooks', {
      about: 'A second, by what became of them',
      unit: 'reqps',
      lines: { '{{event}} {{result}}': `${perSecond('voicechart_webhooks_total', ['event', 'result'])} > 0` },
    }),
    lines('Reconciler', {
      about: 'Looks at LiveKit’s rooms, a second, and what was put right because no webhook had told it',
      unit: 'cps',
      lines: {
        'looks {{result}}': perSecond('voicechart_reconcile_looks_total', ['result']),
        '{{kind}} put right': perSecond('voicechart_reconcile_repairs_total', ['kind']),
      },
    }),
    lines('Requests', {
      about: 'A second',
      unit: 'reqps',
      lines: { '{{door}} {{status}}': perSecond('voicechart_http_requests_total', ['door', 'status']) },
    }),
    lines('Answered within', {
      about: '95 of 100; 100 ms are promised',
      unit: 's',
      limits: [0.1, 0.5],
      lines: { '{{door}}': quantile(0.95, 'voicechart_http_request_seconds', ['door']) },
    }),
    lines('Errors of ours', {
      about: 'Of all requests; 1 % at the most',
      unit: 'percentunit',
      limits: [0.005, 0.01],
      lines: { '{{door}}': share('voicechart_http_requests_total', 'status="5xx"', ['door']) },
    }),
    lines('Tokens', {
      about: 'What was asked of them, a second',
      unit: 'reqps',
      lines: { '{{operation}} {{result}}': perSecond('voicechart_tokens_total', ['operation', 'result']) },
    }),
  ],
};

export const health: Row = {
  title: 'Health and alerts',
  panels: [
    states('Targets', {
      about: '1 healthy, 2 degraded, 3 unhealthy',
      unit: 'short',
      limits: [2, 3],
      lines: {
        '{{target}}': [
          `max by (target) (${now('voicechart_target_status', 'status="healthy"')})`,
          `2 * max by (target) (${now('voicechart_target_status', 'status="degraded"')})`,
          `3 * max by (target) (${now('voicechart_target_status', 'status="unhealthy"')})`,
        ].join(' + '),
      },
    }),
    states('Posture', {
      about: 'The mode that recovery has put instances in',
      unit: 'short',
      limits: [2, 3],
      lines: {
        '{{instance}}': [
          `sum by (instance) (${now('voicechart_posture', 'mode="normal"')})`,
          `2 * sum by (instance) (${now('voicechart_posture', 'mode="degraded"')})`,
          `3 * sum by (instance) (${now('voicechart_posture', 'mode="failsafe"')})`,
        ].join(' + '),
      },
    }),
    lines('Probes', {
      about: 'How long the last look at each target took',
      unit: 's',
      lines: { '{{target}}': `max by (target) (${now('voicechart_last_probe_seconds')})` },
    }),
    lines('Probes that failed', {
      about: 'A second',
      unit: 'cps',
      lines: { '{{target}} {{result}}': perSecond('voicechart_probes_total', ['target', 'result'], 'result!="ok"') },
    }),
    lines('Alerts', {
      about: 'What happened to them, a second, and how often the posture changed',
      unit: 'cps',
      lines: {
        '{{kind}} {{change}}': `${perSecond('voicechart_alerts_total', ['kind', 'change'])} > 0`,
        'posture changed': perSecond('voicechart_posture_changes_total'),
      },
    }),
    stacked('Alerts open by severity', {
      about: 'By how bad they are',
      unit: 'short',
      lines: { '{{severity}}': total('voicechart_alerts_open', 'severity') },
    }),
  ],
};

export const process: Row = {
  title: 'Process',
  panels: [
    lines('Processors', {
      about: 'Of the machine, and the process’ part of it',
      unit: 'percentunit',
      limits: [0.7, 0.8],
      lines: {
        'machine {{instance}}': `${perInstance('voicechart_machine_cpu_seconds_total')} / on (instance, job) ${now('voicechart_cpu_cores')}`,
        'process {{instance}}': `${perInstance('process_cpu_seconds_total')} / on (instance, job) ${now('voicechart_cpu_cores')}`,
      },
    }),
    lines('Memory in use', {
      about: 'Of the machine, or the container',
      unit: 'percentunit',
      limits: [0.7, 0.8],
      lines: {
        '{{instance}}': `1 - ${now('voicechart_memory_available_bytes')} / ${now('voicechart_memory_limit_bytes')}`,
      },
    }),
    lines('Memory of the process', {
      about: 'All of it, and what JavaScript uses',
      unit: 'bytes',
      lines: {
        'all {{instance}}': now('process_resident_memory_bytes'),
        'JavaScript {{instance}}': now('nodejs_heap_size_used_bytes'),
      },
    }),
    lines('Late', {
      about: 'How late timers are: sound is handed out every 20 ms',
      unit: 's',
      limits: [0.05, 0.1],
      lines: { '{{quantile}} {{instance}}': now('voicechart_event_loop_lag_seconds') },
    }),
  ],
};
