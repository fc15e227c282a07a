import type { AlertFact } from '../../actors/send-alerts.ts';

/** What the instance tells it: there is something to tell. */
export type AlertCommand = { readonly type: 'alert.due' };

export type AlertEvent = AlertFact | AlertCommand;
