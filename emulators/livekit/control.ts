import { z } from 'zod';
import type { ControlRoutes } from '../kit/control.ts';
import type { Recorder } from './egress/recorder.ts';
import type { Inlet } from './ingress/inlet.ts';
import type { OutboundCall } from './sip/call.ts';
import type { Gateway } from './sip/gateway.ts';

const callId = z.string().optional();
const onlyCall = z.strictObject({ call: callId }).default({});
const refused = z
  .strictObject({ call: callId, status: z.int().min(300).max(699).default(486) })
  .default({ status: 486 });
const said = z.strictObject({ call: callId, text: z.string().min(1).max(5000) });
const typed = z.strictObject({
  call: callId,
  keys: z.string().regex(/^[0-9*#A-D]{1,100}$/, 'keys of a telephone: 0 to 9, *, #, A to D'),
});
const broken = z.strictObject({
  egress: z.string(),
  how: z.enum(['fail', 'limit', 'stream']).default('fail'),
  error: z.string().min(1).default('Internal data stream error'),
  /** Of the stream that breaks. */
  url: z.string().default(''),
});
const keyed = z.strictObject({ key: z.string().min(1) });
const stopped = z.strictObject({ ingress: z.string().min(1), error: z.string().min(1).optional() });

/**
 * At the front's control address beside the common routes: `GET /calls`; `POST /calls/ring`, `/answer`, `/refuse { status }`,
 * `/hang_up`, `/say { text }`, `/keys { keys }`, each with the `call` that is meant (its id; the newest unless told); `POST /egress/break
 * { egress, how, error, url }`; `POST /ingress/connect { key }`, `POST /ingress/stop { ingress, error }`.
 */
export function frontRoutes(parts: {
  readonly gateway: Gateway;
  readonly recorder: Recorder;
  readonly inlet: Inlet;
}): ControlRoutes {
  const { gateway, recorder, inlet } = parts;

  function callOf(id: string | undefined): OutboundCall {
    const open = gateway.calls().filter(({ status }) => status !== 'ended');
    const call = id === undefined ? open.at(-1) : open.find((one) => one.callId === id);
    if (call) return call;
    const ids = open.map((one) => one.callId).join(', ');
    throw new Error(`call: got ${id ?? 'none'}; calls that are not over: ${ids || 'none'}`);
  }

  const command =
    <Input extends { readonly call?: string | undefined }>(
      shape: z.ZodType<Input>,
      run: (call: OutboundCall, input: Input) => Promise<unknown>,
    ) =>
    async ({ body }: { readonly body: unknown }) => {
      const input = read(shape, body);
      return { body: (await run(callOf(input.call), input)) ?? {} };
    };

  function breakRecording(body: unknown) {
    const { egress, how, error, url } = read(broken, body);
    const job = recorder.job(egress);
    if (!job) throw new Error(`egress: got ${JSON.stringify(egress)}, there is no such recording`);
    if (how === 'stream') job.failStream(url, error);
    else if (how === 'limit') job.reachLimit();
    else job.fail(error);
    return { body: {} };
  }

  return {
    'GET /calls': () => ({ body: gateway.calls().map(shown) }),
    'POST /calls/ring': command(onlyCall, (call) => call.ring()),
    'POST /calls/answer': command(onlyCall, (call) => call.answer()),
    'POST /calls/refuse': command(refused, (call, { status }) => call.refuse(status)),
    'POST /calls/hang_up': command(onlyCall, (call) => call.hangUp()),
    'POST /calls/say': command(said, ({ phone }, { text }) => phone.sayWords(text)),
    'POST /calls/keys': command(typed, ({ phone }, { keys }) => phone.sendDigits(keys)),
    'POST /egress/break': ({ body }) => breakRecording(body),
    'POST /ingress/connect': async ({ body }) => {
      const { identity, sid, room } = await inlet.connectStreamer(read(keyed, body).key);
      return { body: { identity, sid, room } };
    },
    'POST /ingress/stop': async ({ body }) => {
      const { ingress, error } = read(stopped, body);
      await inlet.stopStreamer(ingress, error);
      return { body: {} };
    },
  };
}

const shown = ({ callId: call, status, outgoing: { number, from, room, identity } }: OutboundCall) => ({
  call,
  status,
  number,
  from,
  room,
  identity,
});

function read<Output>(shape: z.ZodType<Output>, input: unknown): Output {
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  throw new Error(z.prettifyError(result.error));
}
