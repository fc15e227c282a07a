import {
  IngressAudioEncodingPreset,
  type IngressInfo,
  IngressInput,
  IngressVideoEncodingPreset,
} from 'livekit-server-sdk';
import { redact } from '../../../failure.ts';
import { ControlError } from '../../../runtime/control-error.ts';
import type { AudioPreset, VideoPreset } from '../../../ingress.ts';
import type { IngressSummary, NewIngress } from '../../../runtime/ingresses.ts';
import { Secret } from '../../../secret.ts';

/** LiveKit lists the key with everything else: it leaves here as a `Secret`, and only from where it may be shown. */
export function newIngress(info: IngressInfo): NewIngress {
  const ingress = ingressSummary(info);
  return ingress.input === 'url' || info.streamKey === '' ? { ingress } : { ingress, key: new Secret(info.streamKey) };
}

export function ingressSummary(info: IngressInfo): IngressSummary {
  const { audio, video, state } = info;
  return {
    id: info.ingressId,
    name: info.name,
    input: IngressInput[info.inputType].replace('_INPUT', '').toLowerCase() as IngressSummary['input'],
    room: info.roomName,
    identity: info.participantIdentity,
    participantName: info.participantName,
    metadata: info.participantMetadata,
    url: info.url,
    enabled: info.enabled ?? true,
    transcode: info.enableTranscoding ?? !info.bypassTranscoding,
    ...(audio?.encodingOptions.case === 'preset' && {
      audio: { preset: wordOf(IngressAudioEncodingPreset, audio.encodingOptions.value) as AudioPreset },
    }),
    ...(video?.encodingOptions.case === 'preset' && {
      video: { preset: wordOf(IngressVideoEncodingPreset, video.encodingOptions.value) as VideoPreset },
    }),
    state: states[state?.status ?? 0] ?? 'error',
    ...(state?.error && { error: withoutKeys(info, redact(state.error)) }),
  };
}

/** The key, and what follows the question mark of an address, which is often one too. */
function withoutKeys({ streamKey, url }: Pick<IngressInfo, 'streamKey' | 'url'>, text: string): string {
  const query = URL.parse(url)?.search || '';
  return [streamKey, query.slice(1)].reduce(
    (left, key) => (key === '' ? left : left.replaceAll(key, '[secret]')),
    text,
  );
}

/** LiveKit may repeat the address that it does not take. */
export const hidingQuery =
  (url: string) =>
  (error: unknown): never => {
    if (!(error instanceof ControlError)) throw error;
    const message = withoutKeys({ streamKey: '', url }, error.message);
    throw new ControlError(error.code, { ...error.failure, message }, error);
  };

const wordOf = (names: object, value: number): string => (names as Record<number, string>)[value]!.toLowerCase();

/** By number in the protocol; the SDK does not export this enum. */
const states: readonly IngressSummary['state'][] = ['inactive', 'buffering', 'publishing', 'error', 'complete'];
