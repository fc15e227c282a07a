import { startPhoneProcess, type PhoneProcess } from '../phone/process.ts';
import type { Phone, PhoneEvent, Role } from '../phone/types.ts';

/** Who is to join which room. */
export interface Part {
  readonly room: string;
  readonly role: Role;
  readonly metadata?: string;
  readonly onEvent?: (event: PhoneEvent) => void;
}

/** Joins rooms for the emulated gateway, recorder and ingress. */
export interface Cast {
  /** Resolves when the participant is in the room and, unless it is a recorder, has published its sound. */
  join(part: Part): Promise<Phone>;
  /** Everybody leaves. */
  close(): Promise<void>;
}

/** About what one process carries. */
const mostPhones = 10;

/** Real participants with real sound, in processes of their own that are started when they are needed. */
export function createCast(livekit: {
  readonly livekitUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}): Cast {
  const processes: { readonly started: Promise<PhoneProcess>; phones: number }[] = [];

  function placeFor() {
    let place = processes.find(({ phones }) => phones < mostPhones);
    if (!place) processes.push((place = { started: startPhoneProcess(), phones: 0 }));
    place.phones += 1;
    return place;
  }

  return {
    async join({ room, role, metadata, onEvent }) {
      const place = placeFor();
      const options = { ...livekit, room, from: '', to: '', as: role, ...(metadata === undefined ? {} : { metadata }) };
      try {
        const phone = await (await place.started).createPhone(options, onEvent ? { onEvent } : {});
        phone.onEvent(({ type }) => type === 'ended' && (place.phones -= 1));
        return phone;
      } catch (error) {
        place.phones -= 1;
        throw error;
      }
    },
    close: async () => void (await Promise.all(processes.map(async ({ started }) => (await started).close()))),
  };
}
