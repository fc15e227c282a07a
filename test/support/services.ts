import type { TestProject } from 'vitest/node';
import { endOnSignals } from '../../tools/lib/owned.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { deployment } from './deployment.ts';
import { startWebhookHub } from './webhook-hub.ts';

/** How to reach the livekit-server that all call tests share. */
export interface LivekitAccess {
  readonly url: string;
  readonly httpUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    livekit: LivekitAccess;
    webhookHubUrl: string;
  }
}

/** Vitest's globalSetup: one livekit-server and one webhook hub for every call test. See `hub.ts` for their use. */
export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  // Vitest skips the teardown when it is killed.
  endOnSignals();
  const binary = await findLivekitServer({ progress: (line) => console.error(line) });
  if (!binary) throw new Error('Call tests need livekit-server on the PATH, Go 1.24 or newer, or a running Docker.');
  const hub = await startWebhookHub(deployment);
  const server = await startLivekitServer({ binary, webhookUrl: `${hub.url}/webhook` });
  const { url, httpUrl, apiKey, apiSecret } = server;
  project.provide('livekit', { url, httpUrl, apiKey, apiSecret });
  project.provide('webhookHubUrl', hub.url);
  return async () => {
    await server.stop();
    await hub.close();
  };
}
