import { ControlError } from '../../../runtime/control-error.ts';
import { failureOf } from '../../classify.ts';

/**
 * LiveKit answers 503 after 3 s when the participant, or the room, that a request was to be passed on to is not there. Where a
 * look finds nobody, that is what is told.
 */
export async function unlessGone<Result>(asking: Promise<Result>, isThere: () => Promise<boolean>): Promise<Result> {
  try {
    return await asking;
  } catch (error) {
    if (!isUnanswered(error) || (await isThere().catch(() => true))) throw error;
    throw missing('there is no such room or participant', 'unavailable');
  }
}

export const missing = (message: string, vendorCode?: string): ControlError =>
  new ControlError(
    'not_found',
    failureOf('config', { vendor: 'livekit', phase: 'rest', message, ...(vendorCode && { vendorCode }) }),
  );

const isUnanswered = (error: unknown): error is ControlError =>
  error instanceof ControlError && error.failure.vendorCode === 'unavailable';

/** Says what must be set when LiveKit does not let anybody be unmuted. */
export const withReason =
  (muted: boolean) =>
  (error: unknown): never => {
    if (muted || !(error instanceof ControlError) || error.code !== 'refused') throw error;
    const message = `${error.message}: a participant unmutes their own track, unless the server has room.enable_remote_unmute`;
    throw new ControlError('refused', { ...error.failure, message });
  };

export const isMissing = (error: unknown): boolean => error instanceof ControlError && error.code === 'not_found';
