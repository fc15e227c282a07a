import {
  EgressStatus,
  ListEgressResponse,
  type EgressInfo,
  type ListEgressRequest,
  type StopEgressRequest,
  type UpdateLayoutRequest,
  type UpdateStreamRequest,
} from '@livekit/protocol';
import type { Journal } from '../../kit/journal.ts';
import type { Settings } from '../../kit/settings.ts';
import type { Cast } from '../cast.ts';
import { need, type Rights } from '../rights.ts';
import type { RealServer } from '../server.ts';
import type { LiveKitFrontSettings, Recording } from '../settings.ts';
import { notFound, relayed, TwirpError } from '../twirp.ts';
import type { Webhooks } from '../webhooks.ts';
import { startJob, type Job } from './job.ts';
import { readPlan, roomNameOf, type Started } from './plan.ts';

/** The server asks the recorder itself and waits so long for one that is not there. */
const noResponseMs = 3000;
const unheardMs = 15_000;
/** So long it looks for a recorder. */
const noWorkerMs = 21_000;
const mostKept = 1000;

/** The emulated egress, as LiveKit's API reaches it. */
export interface Recorder {
  start(started: Started, rights: Rights): Promise<EgressInfo>;
  updateLayout(request: UpdateLayoutRequest, rights: Rights): Promise<EgressInfo>;
  updateStream(request: UpdateStreamRequest, rights: Rights): Promise<EgressInfo>;
  list(request: ListEgressRequest, rights: Rights): ListEgressResponse;
  stop(request: StopEgressRequest, rights: Rights): Promise<EgressInfo>;
  /** The recording of this id. */
  job(egressId: string): Job | undefined;
}

export function createRecorder(parts: {
  readonly cast: Cast;
  readonly server: RealServer;
  readonly journal: Journal;
  readonly settings: Settings<LiveKitFrontSettings>;
  readonly webhooks: Webhooks;
  readonly folder: string;
}): Recorder {
  const { server, journal, settings, webhooks } = parts;
  const jobs = new Map<string, Job>();

  async function accept(started: Started, how: Recording): Promise<EgressInfo> {
    const roomName = roomNameOf(started);
    const roomId = roomName ? (await server.room(roomName)).sid : '';
    if (how.does === 'no_worker') throw await noResponse(how.apiMs ?? noWorkerMs);
    const plan = readPlan(started, roomId);
    let told = false;
    const changed = (info: EgressInfo) => told && tell(info, plan.webhookUrls);
    const job = startJob({ ...parts, plan, roomId, how, changed });
    const { info } = job;
    keep(job);
    journal.note('egress.asked', { egress: info.egressId, room: roomName, request: started.case });
    const answer = info.clone();
    await pause(how.apiMs ?? 550);
    webhooks.egress('egress_started', answer.clone(), plan.webhookUrls);
    told = true;
    if (info.status !== EgressStatus.EGRESS_STARTING) tell(info, plan.webhookUrls);
    return answer;
  }

  function tell(info: EgressInfo, urls: readonly string[]): void {
    const ended = info.status >= EgressStatus.EGRESS_COMPLETE;
    webhooks.egress(ended ? 'egress_ended' : 'egress_updated', info.clone(), urls);
  }

  function keep(job: Job): void {
    jobs.set(job.info.egressId, job);
    if (jobs.size > mostKept) jobs.delete(jobs.keys().next().value!);
  }

  /** Throws as the server does: at once where it looks into its store, late where it asks the recorder. */
  function known(egressId: string): Job {
    const job = jobs.get(egressId);
    if (!job) throw notFound('egress does not exist');
    return job;
  }

  /** The server asks the recording itself, up to its end; what is over has nobody who answers. */
  async function running(egressId: string, done: string): Promise<Job> {
    const job = jobs.get(egressId);
    if (job && job.info.status <= EgressStatus.EGRESS_ENDING) return job;
    await pause((job && howOf(job.info.roomName).apiMs) ?? noResponseMs);
    const { status } = known(egressId).info;
    throw new TwirpError('failed_precondition', `egress with status ${EgressStatus[status]} cannot be ${done}`);
  }

  const howOf = (roomName: string): Recording => settings.values.recordings[roomName] ?? settings.values.recording;

  return {
    async start(started, rights) {
      need(rights, 'video.roomRecord');
      const how = howOf(roomNameOf(started));
      if (how.does === 'hang') return new Promise(() => undefined);
      return accept(started, how);
    },
    async updateLayout({ egressId, layout }, rights) {
      need(rights, 'video.roomRecord');
      const { info } = known(egressId);
      await server.tell(info.roomName, egressId, { metadata: JSON.stringify({ layout }) });
      return info;
    },
    async updateStream({ egressId, addOutputUrls, removeOutputUrls }, rights) {
      need(rights, 'video.roomRecord');
      const job = await running(egressId, 'updated');
      job.updateStreams(addOutputUrls, removeOutputUrls);
      return job.info;
    },
    list({ roomName, egressId, active }, rights) {
      need(rights, 'video.roomRecord');
      if (egressId) return new ListEgressResponse({ items: [known(egressId).info] });
      const items = [...jobs.values()]
        .map(({ info }) => info)
        .filter((info) => !roomName || info.roomName === roomName)
        .filter((info) => !active || info.status < EgressStatus.EGRESS_COMPLETE);
      return new ListEgressResponse({ items });
    },
    async stop({ egressId }, rights) {
      need(rights, 'video.roomRecord');
      const job = await running(egressId, 'stopped');
      if (!job.stop()) throw await unheard(howOf(job.info.roomName).apiMs);
      return job.info;
    },
    job: (egressId) => jobs.get(egressId),
  };
}

/** It has taken the request and does not answer. */
async function unheard(afterMs = unheardMs): Promise<TwirpError> {
  await pause(afterMs);
  return relayed('deadline_exceeded', 'request timed out');
}

async function noResponse(afterMs: number): Promise<TwirpError> {
  await pause(afterMs);
  return relayed('unavailable', 'no response from servers');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
