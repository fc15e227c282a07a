import { fetch as undiciFetch, Response as UndiciResponse, type Dispatcher } from 'undici';
import type { Secret } from '../../secret.ts';

const allowedHeaders = /^(accept|content-type|user-agent|authorization|openai-(organization|project)|x-stainless-.*)$/;
const mostDrainedBytes = 65_536;

/**
 * undici's own fetch with its own agent: Node's fetch does not work with every release of undici's agents.
 * OPENAI_CUSTOM_HEADERS cannot be switched off in the SDK, so what it adds is taken out here.
 */
export function createFetch(dispatcher: () => Dispatcher, apiKey: Secret): typeof fetch {
  const send = async (input: string | URL | Request, init: RequestInit = {}) => {
    const given = [...new Headers(init.headers)].filter(([name]) => allowedHeaders.test(name));
    const form = init.body instanceof FormData ? await encoded(init.body) : undefined;
    const headers = {
      ...Object.fromEntries(given),
      ...(form && { 'content-type': form.type }),
      authorization: `Bearer ${apiKey.reveal()}`,
    };
    const options = { ...init, ...(form && { body: form.bytes }), headers, dispatcher: dispatcher() };
    return keepingConnection(await undiciFetch(input as string, options as Parameters<typeof undiciFetch>[1]));
  };
  // The SDK makes sure, by this one, that forms can be sent.
  return Object.assign(send, { Response }) as unknown as typeof fetch;
}

/** undici knows a form of Node's own for none: it would send the text "[object FormData]". */
async function encoded(form: FormData): Promise<{ readonly bytes: Uint8Array; readonly type: string }> {
  const response = new Response(form);
  return {
    type: response.headers.get('content-type') ?? '',
    bytes: new Uint8Array(await response.arrayBuffer()),
  };
}

/**
 * The SDK leaves the body at `[DONE]`. Where the body's own end comes in a later packet, fetch would then close the
 * connection, and every turn would pay for a new one: here the rest is read before the body is let go.
 */
function keepingConnection(response: UndiciResponse): UndiciResponse {
  if (!response.body) return response;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => void drain(reader),
  });
  const { status, statusText, headers } = response;
  return new UndiciResponse(body, { status, statusText, headers });
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    for (let bytes = 0; bytes < mostDrainedBytes;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.length;
    }
    await reader.cancel();
  } catch {
    // Aborted or broken: the connection is gone, and nobody waits for it.
  }
}
