import { onTestFinished } from 'vitest';
import { createOpenAiEmulator, type OpenAiEmulator } from '../../../emulators/openai/emulator.ts';
import type { OpenAiSettings } from '../../../emulators/openai/settings.ts';
import { createOpenAi, type OpenAiModel, type OpenAiOptions } from '../../../src/adapters/openai/reply-model.ts';
import type { ModelRequest } from '../../../src/actors/reply-model.ts';
import { Secret } from '../../../src/secret.ts';

export interface Bed {
  readonly emulator: OpenAiEmulator;
  readonly model: OpenAiModel;
  /** Chat requests that reached the emulator. */
  requests(): number;
}

export const ask = (text: string): ModelRequest => ({ messages: [{ role: 'user', text }], tools: [] });

/** The adapter on the emulator, both closed when the test ends. */
export async function openBed(
  options: Partial<OpenAiOptions> = {},
  settings: Partial<OpenAiSettings> = {},
): Promise<Bed> {
  const emulator = await createOpenAiEmulator({ settings: { firstTokenMs: 10, tokenMs: 2, ...settings } });
  const provider = options.provider ?? 'openai';
  const model = createOpenAi({
    name: provider,
    provider,
    apiKey: new Secret(emulator.keys[provider]),
    baseUrl: provider === 'groq' ? emulator.groqUrl : emulator.url,
    model: 'gpt-5.4-mini',
    ...options,
  });
  onTestFinished(async () => {
    await emulator.close();
    await model.close();
  });
  const chats = () =>
    emulator.journal.entries({ type: 'request.arrived' }).filter(({ path }) => /chat/.test(`${path}`));
  return { emulator, model, requests: () => chats().length };
}
