/** Whom calls ask. */
export const vendors = ['deepgram', 'openai', 'groq', 'cartesia'] as const;
