import { mean, now, perInstance, perSecond, quantile, share, total } from './query.ts';

/** One picture of the dashboard. `unit` is Grafana's name of it. */
export interface Panel {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly kind: 'number' | 'lines' | 'stacked' | 'states';
  /** What each line is called, with `{{label}}` for what tells it from the others, and its query. */
  readonly lines: Readonly<Record<string, string>>;
  /** From where a number, or the ground behind lines, is amber and red. */
  readonly limits?: readonly [amber: number, red: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

type Rest = Pick<Panel, 'about' | 'unit' | 'lines' | 'limits'>;
const of =
  (kind: Panel['kind']) =>
  (title: string, rest: Rest): Panel => ({ kind, title, ...rest });
const [number, lines, stacked, states] = [of('number'), of('lines'), of('stacked'), of('states')];

const ourFault = 'outcome=~"could_not_join|line_lost|crashed|deaf|in_trouble"';
const passedOn = 'rpc!~"CreateSIPParticipant|TransferSIPParticipant"';
const range = (median: string, late: string) => ({ median, '95 of 100 within': late });

const glance: Row = {
  title: 'At a glance',
  panels: [
    number('Calls now', { about: 'Calls that run', unit: 'short', lines: { calls: total('voicechart_calls_active') } }),
    number('Places taken', {
      about: 'Of the calls that may run at once',
      unit: 'percentunit',
      limits: [0.8, 0.9],
      lines: { taken: `${total('voicechart_calls_active')} / ${total('voicechart_call_capacity')}` },
    }),
    number('Calls that failed', {
      about: 'By a fault of ours, of all calls that ended',
      unit: 'percentunit',
      limits: [0.005, 0.05],
      lines: { failed: share('voicechart_calls_total', ourFault) },
    }),
    number('Answer within', {
      about: 'Caller’s last sound to agent’s first, 95 of 100',
      unit: 's',
      limits: [1.2, 2],
      lines: { '95 of 100': quantile(0.95, 'voicechart_turn_stage_seconds', [], 'stage="reply"') },
    }),
    number('Alerts open', {
      about: 'That the instances themselves have raised',
      unit: 'short',
      limits: [1, 5],
      lines: { open: total('voicechart_alerts_open') },
    }),
    number('Not in normal mode', {
      about: 'Instances that recovery has put into degraded or failsafe mode',
      unit: 'short',
      limits: [1, 1],
      lines: { instances: `sum(${now('voicechart_posture', 'mode!="normal"')})` },
    }),
  ],
};

const calls: Row = {
  title: 'Calls',
  panels: [
    lines('Calls and those that wait', {
      about: 'Running, waiting to be run, and how many may run',
      unit: 'short',
      lines: {
        running: total('voicechart_calls_active'),
        waiting: total('voicechart_calls_waiting'),
        places: total('voicechart_call_capacity'),
      },
    }),
    stacked('How calls end', {
      about: 'A second, by why',
      unit: 'cps',
      lines: { '{{direction}} {{outcome}}': `${perSecond('voicechart_calls_total', ['direction', 'outcome'])} > 0` },
    }),
    lines('Until the agent is heard', {
      about: 'From a call being taken up, or answered by whom we called',
      unit: 's',
      limits: [2, 3],
      lines: range(quantile(0.5, 'voicechart_call_setup_seconds'), quantile(0.95, 'voicechart_call_setup_seconds')),
    }),
    lines('How long calls are', {
      about: 'From being taken up to the end',
      unit: 's',
      lines: range(
        quantile(0.5, 'voicechart_call_duration_seconds'),
        quantile(0.95, 'voicechart_call_duration_seconds'),
      ),
    }),
    lines('Oldest call that waits', {
      about: 'Nobody answers it yet',
      unit: 's',
      limits: [2, 5],
      lines: { '{{instance}}': now('voicechart_calls_waiting_oldest_seconds') },
    }),
    lines('Taken up again, and tools', {
      about: 'Calls of a process that died or stopped; tools that were run',
      unit: 'cps',
      lines: {
        'taken up again': perSecond('voicechart_calls_taken_up_total'),
        'tools {{result}}': perSecond('voicechart_tool_calls_total', ['result']),
      },
    }),
  ],
};

const turns: Row = {
  title: 'Turns',
  panels: [
    lines('Answer', {
      about: 'Caller’s last sound to agent’s first',
      unit: 's',
      limits: [1.2, 2],
      lines: range(
        quantile(0.5, 'voicechart_turn_stage_seconds', [], 'stage="reply"'),
        quantile(0.95, 'voicechart_turn_stage_seconds', [], 'stage="reply"'),
      ),
    }),
    stacked('Where the time goes', {
      about: 'Mean of each stage of a turn',
      unit: 's',
      lines: {
        '{{stage}}': mean(
          'voicechart_turn_stage_seconds',
          ['stage'],
          'stage=~"end_of_turn|first_token|first_clause|first_audio|own"',
        ),
      },
    }),
    lines('Our own part, and time held back', {
      about: '95 of 100; held back: the answer was ready before the turn was certain',
      unit: 's',
      lines: { '{{stage}}': quantile(0.95, 'voicechart_turn_stage_seconds', ['stage'], 'stage=~"own|held"') },
    }),
    lines('Barge-in', {
      about: 'From the caller’s first sound to the agent’s lowered voice, and to silence; the median',
      unit: 's',
      lines: { '{{stage}}': quantile(0.5, 'voicechart_barge_in_seconds', ['stage']) },
    }),
    lines('Who gives way', {
      about: 'Barge-ins a second, by what the agent did; sound that ran out in mid-turn',
      unit: 'cps',
      lines: {
        'agent {{verdict}}': perSecond('voicechart_barge_ins_total', ['verdict']),
        'sound ran out': perSecond('voicechart_playback_starved_total'),
      },
    }),
    lines('Talking over each other', {
      about: 'Time in which both spoke, of the time in which callers did',
      unit: 'percentunit',
      lines: {
        both: `${perSecond('voicechart_talk_over_seconds_total')} / ${perSecond('voicechart_speech_seconds_total', [], 'side="caller"')}`,
      },
    }),
    lines('How loud', {
      about: 'Median level of speech, dB below full scale',
      unit: 'dB',
      lines: { '{{side}}': `20 * log10(${quantile(0.5, 'voicechart_audio_level_ratio', ['side'])})` },
    }),
  ],
};

const vendors: Row = {
  title: 'Vendors',
  panels: [
    lines('Asked', {
      about: 'Streams and requests a second',
      unit: 'reqps',
      lines: {
        '{{vendor}} {{operation}}': `${perSecond('voicechart_vendor_requests_total', ['vendor', 'operation'])} > 0`,
      },
    }),
    lines('Failed', {
      about: 'Of what was asked',
      unit: 'percentunit',
      limits: [0.05, 0.2],
      lines: { '{{vendor}}': share('voicechart_vendor_requests_total', 'result!="ok"', ['vendor']) },
    }),
    lines('Until the first word, token or sound', {
      about: '95 of 100',
      unit: 's',
      lines: {
        '{{vendor}} {{operation}}': quantile(0.95, 'voicechart_vendor_first_result_seconds', ['vendor', 'operation']),
      },
    }),
    lines('Fallbacks', {
      about: 'A second, by what calls went over to',
      unit: 'cps',
      lines: { '{{part}} to {{to}}': perSecond('voicechart_fallbacks_total', ['part', 'to']) },
    }),
    lines('Failures that calls met', {
      about: 'A second, by whose they were and of which class',
      unit: 'cps',
      lines: { '{{vendor}} {{class}}': perSecond('voicechart_call_failures_total', ['vendor', 'class']) },
    }),
  ],
};

const livekit: Row = {
  title: 'LiveKit',
  panels: [
    lines('API', {
      about: '95 of 100 requests; 100 ms are promised. Telephones that ring are left out',
      unit: 's',
      limits: [0.1, 0.5],
      lines: { '{{rpc}}': quantile(0.95, 'voicechart_livekit_api_seconds', ['rpc'], passedOn) },
    }),
    lines('API requests', {
      about: 'A second, by how they went',
      unit: 'reqps',
      lines: { '{{result}}': perSecond('voicechart_livekit_api_requests_total', ['result']) },
    }),
    lines('Rooms joined', {
      about: 'A second',
      unit: 'cps',
      lines: { '{{result}}': perSecond('voicechart_room_connections_total', ['result']) },
    }),
    lines('Until a room is joined', {
      about: 'With a published track',
      unit: 's',
      lines: range(quantile(0.5, 'voicechart_room_connect_seconds'), quantile(0.95, 'voicechart_room_connect_seconds')),
    }),
    lines('Links', {
      about: 'What happened to them, a second',
      unit: 'cps',
      lines: {
        '{{event}}': perSecond('voicechart_room_link_events_total', ['event']),
        'seconds of dead air': perSecond('voicechart_dead_air_seconds_total'),
      },
    }),
    lines('Packets lost', {
      about: 'Mean share',
      unit: 'percentunit',
      limits: [0.01, 0.03],
      lines: { '{{way}}': mean('voicechart_packet_loss_ratio', ['way']) },
    }),
    lines('Jitter and round trip', {
      about: '95 of 100 looks',
      unit: 's',
      lines: {
        'jitter {{way}}': quantile(0.95, 'voicechart_jitter_seconds', ['way']),
        'round trip': quantile(0.95, 'voicechart_round_trip_seconds'),
      },
    }),
    stacked('Connection quality', {
      about: 'Share of the time of calls, as LiveKit judges it',
      unit: 'percentunit',
      lines: {
        '{{side}} {{quality}}': `${perSecond('voicechart_connection_quality_seconds_total', ['side', 'quality'])} / on (side) group_left () ${perSecond('voicechart_connection_quality_seconds_total', ['side'])}`,
      },
    }),
    stacked('Worst quality of a call', {
      about: 'Calls that ended, a second',
      unit: 'cps',
      lines: { '{{quality}}': perSecond('voicechart_calls_by_worst_quality_total', ['quality']) },
    }),
  ],
};

const doors: Row = {
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

const health: Row = {
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

const process: Row = {
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

export const rows: readonly Row[] = [glance, calls, turns, vendors, livekit, doors, health, process];
