import { redact } from '../failure.ts';
import { exitCodes } from './command.ts';
import type { Api } from './follow.ts';

/** The operators' API of an instance that runs. What is refused rejects with an `ApiRefusal`. */
export interface ApiClient extends Api {
  get<Body>(path: string): Promise<Body>;
  delete(path: string): Promise<void>;
  post<Body>(path: string, body: object, headers?: Readonly<Record<string, string>>): Promise<Body>;
}

/** Why the API did not do it, with the exit code that says so. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  /** The API's own word, `unreachable` where there is none. */
  readonly code: string;
  readonly exitCode: number;
  readonly fix?: string;

  constructor(code: string, message: string, exitCode: number, fix?: string) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
    if (fix !== undefined) this.fix = fix;
  }
}

/** `api`: `http://host:port`. */
export function createApiClient(api: string, key: string | undefined, signal: AbortSignal): ApiClient {
  const own: Readonly<Record<string, string>> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  async function ask<Body>(path: string, init: RequestInit): Promise<Body> {
    const headers = { ...own, ...(init.headers as Record<string, string> | undefined) };
    const answer = await fetch(`${api}${path}`, { ...init, headers, signal }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw unreachable(api, error);
    });
    const body: unknown = await answer.json().catch(() => undefined);
    if (!answer.ok) throw refusalOf(answer.status, body);
    return body as Body;
  }
  return {
    api,
    access: { headers: own },
    get: (path) => ask(path, {}),
    delete: (path) => ask(path, { method: 'DELETE' }),
    post: (path, body, headers) =>
      ask(path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
  };
}

function unreachable(api: string, error: unknown): ApiRefusal {
  const { code } = ((error as { cause?: unknown }).cause ?? error) as { code?: unknown };
  const why = typeof code === 'string' ? code : redact(String(error));
  const fix = 'Start an instance (`voicechart start`), or say where it is: API_ADDR or --api';
  return new ApiRefusal('unreachable', `no instance answers at ${api}: ${why}`, exitCodes.unavailable, fix);
}

function refusalOf(status: number, body: unknown): ApiRefusal {
  const { code, title, field, fix } = (body ?? {}) as Readonly<Record<string, string | undefined>>;
  const said = `${field === undefined ? '' : `${field}: `}${title ?? `it answered with ${status}`}`;
  const exit =
    status === 401 || status === 403
      ? exitCodes.notPermitted
      : status >= 500
        ? exitCodes.unavailable
        : exitCodes.failed;
  return new ApiRefusal(code ?? String(status), redact(said), exit, fix);
}
