import { counter, histogram } from './definition.ts';

/** How LiveKit's webhooks are named. */
const event = [
  'room_started',
  'room_finished',
  'participant_joined',
  'participant_left',
  'participant_connection_aborted',
  'track_published',
  'track_unpublished',
  'egress_started',
  'egress_updated',
  'egress_ended',
  'ingress_started',
  'ingress_ended',
] as const;

/** What may become of a webhook. */
const webhookResults = [
  'stored',
  'duplicate',
  'ended',
  'ignored',
  'full',
  'refused',
  'forged',
  'blocked',
  'unreadable',
  'too_large',
  'unavailable',
] as const;

export type WebhookResult = (typeof webhookResults)[number];

const doorSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2];

export const doorMetrics = {
  voicechart_webhooks_total: counter('Webhooks of LiveKit, by what became of them', {
    event,
    result: [
      'stored',
      'duplicate',
      'ended',
      'ignored',
      'refused',
      'forged',
      'blocked',
      'unreadable',
      'too_large',
      'unavailable',
    ],
  }),
  voicechart_http_requests_total: counter('Requests answered, by door and by class of status', {
    door: ['webhooks', 'api'],
    status: ['2xx', '3xx', '4xx', '5xx'],
  }),
  voicechart_http_request_seconds: histogram(
    'From a request’s headers to its answer’s; what an answer streams afterwards is not in it',
    doorSeconds,
    { door: ['webhooks', 'api'] },
  ),
  voicechart_tokens_total: counter('What was done with tokens of clients', {
    operation: ['issue', 'check', 'revoke'],
    result: ['ok', 'refused', 'failed'],
  }),
};
