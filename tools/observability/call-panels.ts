import { lines, number, range, stacked, type Row } from './panel.ts';
import { mean, now, perSecond, quantile, share, total } from './query.ts';

const ourFault = 'outcome=~"could_not_join|line_lost|crashed|deaf|in_trouble"';

export const glance: Row = {
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

export const calls: Row = {
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

export const turns: Row = {
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
