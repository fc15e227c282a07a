/** What an instance depends on, each watched by itself (SPEC D5.1). */
export const targets = [
  'livekit-room',
  'livekit-egress',
  'livekit-ingress',
  'livekit-sip',
  'livekit-connect',
  'redis',
  'sip-gateway',
  'sip-worker',
  'egress-worker',
  'ingress-worker',
  'deepgram',
  'openai',
  'groq',
  'cartesia',
] as const;

export type Target = (typeof targets)[number];
