import { lines, range, stacked, type Row } from './panel.ts';
import { mean, perSecond, quantile, share } from './query.ts';

const passedOn = 'rpc!~"CreateSIPParticipant|TransferSIPParticipant"';

export const vendors: Row = {
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

export const livekit: Row = {
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
