import type { Intake } from './intake.ts';
import { isParticipantWebhook } from './livekit-webhook.ts';
import type { HostedTokenDesk } from './token-desk.ts';

/** An intake that tells of each join at once, whoever joins whatever room, and goes on as before. */
export const tellingJoins = (intake: Intake, { joined }: Pick<HostedTokenDesk, 'joined'>): Intake => ({
  receive(webhook) {
    if (isParticipantWebhook(webhook) && webhook.event === 'participant_joined')
      joined({ room: webhook.room.name, identity: webhook.participant.identity });
    return intake.receive(webhook);
  },
});
