import { z } from 'zod';
import { journalRoutes, serveRoutes, type ControlServer } from '../kit/control.ts';
import { createJournal } from '../kit/journal.ts';
import type { PhoneProcess } from './process.ts';
import { refusals, type RefusalCase } from './refusal.ts';
import type { Phone, PhoneEvent, PhoneOptions } from './types.ts';

/** About what one process of phones carries. */
const mostCalls = 10;
const stages: readonly string[] = ['ringing', 'answered', 'active', 'ended'] satisfies PhoneEvent['type'][];

const ms = z.number().min(0);
const dialled = z.strictObject({
  room: z.string().min(1),
  from: z.string().min(1).default('+15550199'),
  to: z.string().min(1).default('+15550100'),
  callId: z.string().optional(),
  metadata: z.string().optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  hidePhoneNumber: z.boolean().optional(),
  refuse: z.enum(Object.keys(refusals) as [RefusalCase]).optional(),
  comfort: z.enum(['noise', 'zeros']).optional(),
  echo: z.strictObject({ db: z.number(), delayMs: ms }).optional(),
  ringTimeoutMs: ms.optional(),
  mediaTimeoutMs: ms.optional(),
  maxCallMs: ms.optional(),
});
const call = z.int().optional();
const onlyCall = z.strictObject({ call }).default({});
const said = z.strictObject({ call, text: z.string().min(1).max(5000) });
const typed = z.strictObject({
  call,
  keys: z.string().regex(/^[0-9*#A-D]{1,100}$/, 'keys of a telephone: 0 to 9, *, #, A to D'),
});

/**
 * Phones by HTTP on 127.0.0.1: `POST /dial { room, … }`, `/say { text }`, `/keys { keys }`, `/hush`, `/hang_up`, each with the
 * `call` that is meant (the newest unless told); `GET /calls` those that are not over, `GET|DELETE /journal` what happened to
 * all. `/say` and `/keys` answer when it is done. Input that is not allowed gets 400 and the field's name.
 */
export function openPhoneControl(options: {
  readonly livekit: Pick<PhoneOptions, 'livekitUrl' | 'apiKey' | 'apiSecret'>;
  readonly phones: PhoneProcess;
  readonly port?: number;
}): Promise<ControlServer> {
  const { livekit, phones, port = 0 } = options;
  const journal = createJournal();
  const calls = new Map<number, Phone>();
  let count = 0;
  let dialling = 0;

  async function dial(body: unknown) {
    const wanted = read(dialled, body) as Omit<PhoneOptions, keyof typeof livekit>;
    const busy = calls.size + dialling;
    if (busy >= mostCalls) throw new Error(`calls: there are ${busy} already, at most ${mostCalls} at once`);
    count += 1;
    dialling += 1;
    return connect(count, wanted).finally(() => (dialling -= 1));
  }

  async function connect(number: number, wanted: Omit<PhoneOptions, keyof typeof livekit>) {
    const onEvent = (event: PhoneEvent) => {
      journal.note(event.type, { ...event, call: number, eventMs: event.atMs });
    };
    const phone = await phones.createPhone({ ...wanted, ...livekit }, { onEvent });
    if (stageOf(phone) !== 'ended') calls.set(number, phone);
    phone.onEvent(({ type }) => type === 'ended' && calls.delete(number));
    return { status: 201, body: shown(number, phone) };
  }

  function phoneOf(number: number | undefined): Phone {
    const phone = number === undefined ? [...calls.values()].at(-1) : calls.get(number);
    if (phone) return phone;
    throw new Error(
      `call: got ${number ?? 'none'}; calls that are not over: ${[...calls.keys()].join(', ') || 'none'}`,
    );
  }

  const command = <Input extends { readonly call?: number | undefined }>(
    shape: z.ZodType<Input>,
    run: (phone: Phone, input: Input) => Promise<unknown>,
  ) => {
    return async ({ body }: { readonly body: unknown }) => {
      const input = read(shape, body);
      return { body: (await run(phoneOf(input.call), input)) ?? {} };
    };
  };

  return serveRoutes(
    {
      'POST /dial': ({ body }) => dial(body),
      'POST /say': command(said, (phone, { text }) => phone.sayWords(text)),
      'POST /keys': command(typed, (phone, { keys }) => phone.sendDigits(keys)),
      'POST /hush': command(onlyCall, (phone) => phone.hush()),
      'POST /hang_up': command(onlyCall, (phone) => phone.hangUp()),
      'GET /calls': () => ({ body: [...calls].map(([number, phone]) => shown(number, phone)) }),
      ...journalRoutes(journal),
    },
    port,
  );
}

const stageOf = (phone: Phone): string =>
  phone.events().findLast(({ type }) => stages.includes(type))?.type ?? 'dialled';

const shown = (number: number, phone: Phone) => {
  const { room, identity, callId } = phone;
  return { call: number, stage: stageOf(phone), room, identity, callId };
};

function read<Output>(shape: z.ZodType<Output>, input: unknown): Output {
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  throw new Error(z.prettifyError(result.error));
}
