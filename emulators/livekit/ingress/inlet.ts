import {
  IngressInfo,
  IngressInput,
  IngressState,
  IngressState_Status,
  ListIngressResponse,
  type CreateIngressRequest,
  type DeleteIngressRequest,
  type ListIngressRequest,
  type UpdateIngressRequest,
} from '@livekit/protocol';
import type { Journal } from '../../kit/journal.ts';
import type { Settings } from '../../kit/settings.ts';
import type { Phone } from '../../phone/types.ts';
import type { Cast } from '../cast.ts';
import { newId } from '../ids.ts';
import { need, type Rights } from '../rights.ts';
import type { LiveKitFrontSettings, Pull } from '../settings.ts';
import { invalidArgument, notFound, relayed } from '../twirp.ts';
import type { Webhooks } from '../webhooks.ts';
import { pulledUrl, validateIngress } from './validate.ts';

const {
  ENDPOINT_INACTIVE: INACTIVE,
  ENDPOINT_BUFFERING: BUFFERING,
  ENDPOINT_PUBLISHING: PUBLISHING,
  ENDPOINT_ERROR: ERROR,
  ENDPOINT_COMPLETE: COMPLETE,
} = IngressState_Status;

/** The emulated ingress, as LiveKit's API and streamers reach it. */
export interface Inlet {
  create(request: CreateIngressRequest, rights: Rights): Promise<IngressInfo>;
  update(request: UpdateIngressRequest, rights: Rights): IngressInfo;
  list(request: ListIngressRequest, rights: Rights): ListIngressResponse;
  remove(request: DeleteIngressRequest, rights: Rights): IngressInfo;
  /**
   * A streamer comes with this key. Gives its participant, which is silent until it is told to speak. Throws for a key there is
   * not, one that is not enabled, and one in use.
   */
  connectStreamer(streamKey: string): Promise<Phone>;
  /** The streamer stops, or its source ends; with an `error` it breaks. `id`: of the ingress, or its key. */
  stopStreamer(id: string, error?: string): Promise<void>;
}

interface Entry {
  info: IngressInfo;
  phone?: Phone;
}

export function createInlet(parts: {
  readonly cast: Cast;
  readonly journal: Journal;
  readonly settings: Settings<LiveKitFrontSettings>;
  readonly webhooks: Webhooks;
}): Inlet {
  const { cast, journal, settings, webhooks } = parts;
  const entries = new Map<string, Entry>();

  function become(entry: Entry, status: IngressState_Status, change: Partial<IngressState> = {}): void {
    const { info } = entry;
    info.state = new IngressState({ ...info.state, ...change, status, updatedAt: nowNs() });
    journal.note('ingress.changed', { ingress: info.ingressId, status: IngressState_Status[status] });
    if (status === PUBLISHING) webhooks.ingress('ingress_started', info.clone());
    else if (status !== BUFFERING) webhooks.ingress('ingress_ended', info.clone());
  }

  async function stream(entry: Entry): Promise<Phone> {
    const { info } = entry;
    const resourceId = newId('RES_');
    become(entry, BUFFERING, { startedAt: nowNs(), endedAt: 0n, error: '', resourceId });
    const { participantIdentity: identity, participantName: name, participantMetadata, roomName: room } = info;
    const attributes = { 'lk.ingress.ingressID': info.ingressId, 'lk.ingress.resourceID': resourceId };
    const role = { kind: 'ingress' as const, identity, name, attributes };
    const onEvent = ({ type }: { readonly type: string }) => void (type === 'ended' && end(entry));
    const metadata = participantMetadata ? { metadata: participantMetadata } : {};
    try {
      entry.phone = await cast.join({ room, role, onEvent, ...metadata });
    } catch (error) {
      end(entry, String(error));
      throw error;
    }
    become(entry, PUBLISHING);
    return entry.phone;
  }

  /** Once; whoever notices first. */
  function end(entry: Entry, error = ''): void {
    const { info } = entry;
    if (!isLive(info)) return;
    const orderly = info.reusable ? INACTIVE : COMPLETE;
    become(entry, error ? ERROR : orderly, { error, endedAt: nowNs(), tracks: [] });
    // A process of phones that is gone has hung up already.
    entry.phone?.hangUp().catch(() => undefined);
    delete entry.phone;
  }

  function pull(entry: Entry, how: Pull): void {
    if (how.does === 'busy') throw relayed('resource_exhausted', 'server capacity exceeded');
    entries.set(entry.info.ingressId, entry);
    void stream(entry).catch(() => undefined);
    if (how.does === 'break') setTimeout(() => end(entry, how.error), how.afterMs);
    else if (how.endsAfterMs !== undefined) setTimeout(() => end(entry), how.endsAfterMs);
  }

  function known(id: string): Entry {
    const entry = entries.get(id);
    if (!entry) throw notFound('ingress does not exist');
    return entry;
  }

  function byKey(streamKey: string): Entry {
    const entry = [...entries.values()].find(({ info }) => info.streamKey !== '' && info.streamKey === streamKey);
    if (!entry) throw notFound('ingress does not exist');
    return entry;
  }

  return {
    async create(request, rights) {
      if (!(request.inputType in IngressInput)) throw invalidArgument('invalid ingress type');
      need(rights, 'video.ingressAdmin');
      const entry: Entry = { info: infoOf(request, settings.values) };
      const { info } = entry;
      validateIngress(info);
      fillTranscoding(info);
      journal.note('ingress.created', { ingress: info.ingressId, room: info.roomName });
      if (info.inputType === IngressInput.URL_INPUT)
        pull(entry, settings.values.pulls[info.url] ?? settings.values.pull);
      else entries.set(info.ingressId, entry);
      return info.clone();
    },
    update(request, rights) {
      need(rights, 'video.ingressAdmin');
      const entry = known(request.ingressId);
      if (!entry.info.reusable) throw invalidArgument('ingress is not reusable and cannot be modified');
      const info = entry.info.clone();
      if (info.state?.status === ERROR) info.state.status = INACTIVE;
      Object.assign(info, changesOf(request));
      validateIngress(info);
      fillTranscoding(info);
      entry.info = info;
      return info.clone();
    },
    list({ ingressId, roomName }, rights) {
      need(rights, 'video.ingressAdmin');
      if (ingressId) return new ListIngressResponse({ items: [known(ingressId).info] });
      const all = [...entries.values()].map(({ info }) => info);
      return new ListIngressResponse({ items: all.filter((info) => !roomName || info.roomName === roomName) });
    },
    remove({ ingressId }, rights) {
      need(rights, 'video.ingressAdmin');
      const entry = known(ingressId);
      end(entry);
      entries.delete(ingressId);
      const info = entry.info.clone();
      info.state = new IngressState({ ...info.state, status: INACTIVE });
      return info;
    },
    async connectStreamer(streamKey) {
      const entry = byKey(streamKey);
      if (entry.info.enabled === false) throw relayed('permission_denied', 'session is disabled');
      if (isLive(entry.info)) throw relayed('already_exists', 'a streamer is there already');
      return stream(entry);
    },
    async stopStreamer(id, error) {
      const entry = entries.get(id) ?? byKey(id);
      const { phone } = entry;
      end(entry, error);
      await phone?.hangUp();
    },
  };
}

const isLive = ({ state }: IngressInfo): boolean => state?.status === BUFFERING || state?.status === PUBLISHING;

function infoOf(request: CreateIngressRequest, { rtmpUrl, whipUrl }: LiveKitFrontSettings): IngressInfo {
  const { inputType, url, ...rest } = request;
  const pulls = inputType === IngressInput.URL_INPUT;
  const base = inputType === IngressInput.WHIP_INPUT ? whipUrl : rtmpUrl;
  return new IngressInfo({
    ...rest,
    inputType,
    ingressId: newId('IN_'),
    url: pulls ? pulledUrl(url) : base,
    streamKey: pulls ? '' : newId(''),
    reusable: !pulls,
    state: new IngressState(),
  });
}

function fillTranscoding(info: IngressInfo): void {
  const whip = info.inputType === IngressInput.WHIP_INPUT;
  info.bypassTranscoding = info.enableTranscoding === undefined ? whip : !info.enableTranscoding;
  info.enableTranscoding ??= !whip;
}

/** What was said; empty texts say nothing. */
function changesOf(request: UpdateIngressRequest): Partial<IngressInfo> {
  const { name, roomName, participantIdentity, participantName, participantMetadata } = request;
  const { enableTranscoding, audio, video, enabled } = request;
  const texts = { name, roomName, participantIdentity, participantName, participantMetadata };
  const said = Object.entries({ ...texts, enableTranscoding, audio, video, enabled });
  return Object.fromEntries(said.filter(([, value]) => value !== '' && value !== undefined));
}

const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;
