import { flag } from './fields.ts';
import type { Environment } from './schema.ts';

/** What is wrong with the settings of alerts beside each other. An address may hold a token, so that none is shown. */
export const alertProblems = (given: Environment): readonly string[] => [
  ...unsigned(given),
  ...unaddressed(given),
  ...insecure(given),
];

function unsigned({ ALERT_WEBHOOK_URL: url, ALERT_WEBHOOK_SECRETS: secrets }: Environment): readonly string[] {
  if (url === undefined || secrets !== undefined) return [];
  return ['ALERT_WEBHOOK_SECRETS: is missing; with ALERT_WEBHOOK_URL it signs what is sent there'];
}

function unaddressed(given: Environment): readonly string[] {
  const needy = ['ALERT_WEBHOOK_SECRETS', 'ALERT_HEARTBEAT_MS', 'ALERT_HEARTBEAT_URL'];
  const lone = given['ALERT_WEBHOOK_URL'] === undefined ? needy.find((name) => given[name] !== undefined) : undefined;
  const isTimeless = given['ALERT_HEARTBEAT_URL'] !== undefined && given['ALERT_HEARTBEAT_MS'] === undefined;
  return [
    ...(lone === undefined ? [] : [`ALERT_WEBHOOK_URL: is missing; ${lone} is of no use without it`]),
    ...(isTimeless
      ? ['ALERT_HEARTBEAT_MS: is missing; with ALERT_HEARTBEAT_URL it says how often a heartbeat is sent there']
      : []),
  ];
}

function insecure(given: Environment): readonly string[] {
  if (flag().safeParse(given['ALERT_WEBHOOK_INSIDE']).data === true) return [];
  return ['ALERT_WEBHOOK_URL', 'ALERT_HEARTBEAT_URL']
    .filter((name) => given[name]?.startsWith('http:'))
    .map((name) => `${name}: must begin with https:// unless ALERT_WEBHOOK_INSIDE=1 says that its receiver is inside`);
}
