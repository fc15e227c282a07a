import { EgressStatus, StreamInfo_Status, type EgressInfo } from '@livekit/protocol';
import type { Journal } from '../../kit/journal.ts';
import type { Phone, PhoneEvent } from '../../phone/types.ts';
import type { Cast } from '../cast.ts';
import type { RealServer } from '../server.ts';
import type { Recording } from '../settings.ts';
import { invalidArgument, notFound, TwirpError } from '../twirp.ts';
import { checkStreamUrl } from './outputs.ts';
import type { Plan } from './plan.ts';
import { finishFile, finishStream, firstInfo, nowNs, streamInfo, writeResults } from './results.ts';

const {
  EGRESS_ACTIVE,
  EGRESS_ENDING,
  EGRESS_COMPLETE,
  EGRESS_FAILED,
  EGRESS_ABORTED,
  EGRESS_LIMIT_REACHED,
  EGRESS_STARTING,
} = EgressStatus;

const stoppedBefore = 'Stop called before pipeline could start';
const noStartSignal = 'Start signal not received';
const limitReached = 'Session limit reached';
const httpCodes = { aborted: 412, limit: 413 };
/** The participant egress waits for its participant's tracks. */
const participantActiveMs = 3300;
/** So long it waits for who, and for what, is to be recorded. */
const absentMs = 30_000;
const lookMs = 250;
const websocketCompleteMs = 2800;

/** One recording, from its start to its end. */
export interface Job {
  readonly info: EgressInfo;
  /** The recorder in the room, once it is there; none for a web page. Its `recording()` is what it heard. */
  phone(): Phone | undefined;
  /** `StopEgress`: the recording ends in order. False while it waits for who or what is to be recorded: then it hears nothing. */
  stop(): boolean;
  /** Ends at once as if it had failed. */
  fail(error: string, code?: number): void;
  /** Ends at once at the limit of a session. */
  reachLimit(): void;
  updateStreams(add: readonly string[], remove: readonly string[]): void;
  /** One stream is lost; with the last one the recording. Throws for an address it does not have. */
  failStream(url: string, error: string): void;
}

/** Records as `how` says. `changed`: the information is a new one. */
export function startJob(options: {
  readonly plan: Plan;
  readonly roomId: string;
  readonly how: Recording;
  readonly cast: Cast;
  readonly server: RealServer;
  readonly journal: Journal;
  readonly folder: string;
  readonly changed: (info: EgressInfo) => void;
}): Job {
  const { plan, roomId, how, cast, server, journal, folder, changed } = options;
  const { outputs } = plan;
  const rawUrls = [...(outputs.stream?.urls ?? [])];
  const info = firstInfo(plan, roomId);
  const { egressId } = info;
  const timers = new Set<NodeJS.Timeout>();
  let phone: Phone | undefined;
  let waits = false;

  function later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => void (timers.delete(timer), run()), delayMs);
    timers.add(timer);
  }

  function become(status: EgressStatus): void {
    info.status = status;
    info.updatedAt = nowNs();
    journal.note('egress.changed', { egress: egressId, room: plan.roomName, status: EgressStatus[status] });
    if (isOver()) leave();
    changed(info);
  }

  const isOver = (): boolean => info.status >= EGRESS_COMPLETE;

  function leave(): void {
    for (const timer of timers) clearTimeout(timer);
    // A process of phones that is gone has hung up already.
    phone?.hangUp().catch(() => undefined);
  }

  function endAs(status: EgressStatus, error: string, errorCode: number): void {
    if (isOver()) return;
    Object.assign(info, { error, errorCode, endedAt: nowNs() });
    become(status);
  }

  const abort = (error: string) => endAs(EGRESS_ABORTED, error, httpCodes.aborted);

  function fail(error: string, code = 500): void {
    info.details ||= 'End reason: Failure';
    endAs(EGRESS_FAILED, error, code);
  }

  function endFor(reason: string): void {
    if (waits || info.status > EGRESS_ACTIVE) return;
    info.details = `End reason: ${reason}`;
    if (info.status === EGRESS_STARTING) return abort(stoppedBefore);
    for (const file of info.fileResults) finishFile(file);
    become(EGRESS_ENDING);
    const slow = outputs.stream?.type === 'raw' ? websocketCompleteMs : 50;
    later(how.completeMs ?? slow, () => void complete());
  }

  async function complete(): Promise<void> {
    info.endedAt = nowNs();
    for (const stream of info.streamResults) if (stream.status === StreamInfo_Status.ACTIVE) finishStream(stream);
    await writeResults(info, outputs, folder).catch((error: unknown) => fail(String(error)));
    if (!isOver()) become(EGRESS_COMPLETE);
  }

  async function begin(): Promise<void> {
    try {
      await Promise.all([join(), pause(how.activeMs ?? (plan.identity ? participantActiveMs : 600))]);
      if (isOver()) return leave();
      if (how.does === 'fail_at_start') return fail(how.error);
      if (how.does === 'abort') return abort(noStartSignal);
      await isThere();
      if (!isOver()) activate();
    } catch (error) {
      if (error instanceof TwirpError) fail(error.message, error.status);
      else fail(String(error));
    }
  }

  function onEvent({ type }: PhoneEvent): void {
    if (type === 'ended') endFor('Source closed');
  }

  async function join(): Promise<void> {
    if (!plan.joins) return;
    const role = { kind: 'egress' as const, identity: egressId, name: '', attributes: {} };
    phone = await cast.join({ room: plan.roomName, role, onEvent });
  }

  /** Rejects when they have not come in time; a time that was set is over by now. */
  async function isThere(): Promise<void> {
    for (let waitedMs = 0; !isOver(); waitedMs += lookMs) {
      const lost = await whatIsLost(); // oxlint-disable-line no-await-in-loop
      waits = lost !== undefined;
      if (!lost) return;
      if (how.activeMs !== undefined || waitedMs >= absentMs) throw notFound(`${lost} not found`);
      await pause(lookMs); // oxlint-disable-line no-await-in-loop
    }
  }

  async function whatIsLost(): Promise<string | undefined> {
    if (!plan.identity && plan.trackIds.length === 0) return undefined;
    const all = await server.participants(plan.roomName);
    if (plan.identity && !all.some(({ identity }) => identity === plan.identity)) return `participant ${plan.identity}`;
    const tracks = all.flatMap(({ tracks }) => tracks.map(({ sid }) => sid));
    const lost = plan.trackIds.find((id) => !tracks.includes(id));
    return lost === undefined ? undefined : `track ${lost}`;
  }

  function activate(): void {
    for (const result of [...info.fileResults, ...info.streamResults]) result.startedAt = nowNs();
    become(EGRESS_ACTIVE);
    if (how.does === 'fail') later(how.afterMs, () => fail(how.error));
    if (how.does === 'limit') later(how.afterMs, reachLimit);
  }

  const reachLimit = () => endAs(EGRESS_LIMIT_REACHED, limitReached, httpCodes.limit);

  function indexOf(url: string): number {
    const at = rawUrls.indexOf(url);
    if (at < 0) throw notFound(`stream ${url} not found`);
    return at;
  }

  function endWithoutStreams(end: () => void): void {
    const streams = info.streamResults.some(({ status }) => status === StreamInfo_Status.ACTIVE);
    if (!streams && info.fileResults.length + info.segmentResults.length + info.imageResults.length === 0) end();
  }

  void begin();
  return {
    info,
    phone: () => phone,
    stop() {
      endFor('StopEgress API');
      return !waits;
    },
    fail,
    reachLimit,
    updateStreams(add, remove) {
      const { stream } = outputs;
      if (!stream) throw invalidArgument('UpdateStream called on non-streaming egress');
      for (const url of add) checkStreamUrl(url, stream.type);
      const lost = remove.map((url) => info.streamResults[indexOf(url)]!);
      for (const url of add) {
        rawUrls.push(url);
        info.streamResults.push(streamInfo(url, nowNs()));
      }
      for (const one of lost) finishStream(one);
      if (add.length + remove.length > 0) changed(info);
      endWithoutStreams(() => endFor('All streams stopped'));
    },
    failStream(url, error) {
      const stream = info.streamResults[indexOf(url)]!;
      finishStream(stream);
      Object.assign(stream, { status: StreamInfo_Status.FAILED, error });
      changed(info);
      endWithoutStreams(() => fail(error));
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
