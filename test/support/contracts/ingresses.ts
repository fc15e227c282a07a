import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { guardIngresses } from '../../../src/runtime/guarded-ingresses.ts';
import type { Ingresses } from '../../../src/runtime/ingresses.ts';

export interface IngressesWorld {
  readonly ingresses: Ingresses;
  /** Whether media can be pulled: something must be there that pulls it. */
  readonly pulls: boolean;
  end(): Promise<void>;
}

const source = 'https://media.example/film.mp4?signature=canary-query';

/** What every `Ingresses` must do, behind its guard. */
export function ingressesContract(name: string, open: () => Promise<IngressesWorld>): void {
  const opened = async () => {
    const world = await open();
    const room = `voice-ai-call-${randomBytes(6).toString('hex')}`;
    const guarded = guardIngresses({
      ingresses: world.ingresses,
      rooms: { participants: async () => [] },
      probe: { look: async (url) => ({ url, format: 'mp4' }) },
      rules: { rooms: { prefix: 'voice-ai-call', declared: ['streaming-room'] }, sources: { hosts: [] } },
    });
    onTestFinished(async () => {
      for (const { id } of await world.ingresses.list(room)) await world.ingresses.delete(id);
      await world.end();
    });
    return { ...world, guarded, room, obs: { input: 'rtmp', name: 'obs-stream', room, identity: 'streamer' } as const };
  };

  describe(`${name} as Ingresses`, () => {
    test('R5.1 R5.4 D7.4 one for RTMP is made with what OBS needs', async () => {
      const { guarded, obs } = await opened();
      const { ingress, key } = await guarded.create(obs);
      expect(ingress).toEqual({
        ...obs,
        id: expect.stringMatching(/^IN_/),
        participantName: '',
        metadata: '',
        url: expect.stringMatching(/^rtmp/),
        enabled: true,
        transcode: true,
        state: 'inactive',
      });
      expect(key?.reveal()).toMatch(/^\S{8,}$/);
      expect(await guarded.get(ingress.id)).toEqual(ingress);
      expect(await guarded.list(obs.room)).toEqual([ingress]);
      expect(await guarded.list()).toContainEqual(ingress);
    });

    test('R5.2 one for WHIP sends on as it comes, or encodes anew', async () => {
      const { guarded, obs } = await opened();
      const plain = await guarded.create({ ...obs, input: 'whip', participantName: 'Гость', metadata: { seat: 3 } });
      expect(plain.ingress).toMatchObject({
        input: 'whip',
        transcode: false,
        url: expect.stringMatching(/^http/),
        participantName: 'Гость',
        metadata: '{"seat":3}',
      });
      const encoding = { audio: { preset: 'opus_mono_64kbs' }, video: { preset: 'h264_540p_25fps_2_layers' } } as const;
      const other = { ...obs, input: 'whip', identity: 'other', transcode: true, enabled: false, ...encoding } as const;
      expect((await guarded.create(other)).ingress).toMatchObject({ transcode: true, enabled: false, ...encoding });
    });

    test('R5.4 what is changed is changed, and the rest stays', async () => {
      const { guarded, obs } = await opened();
      const { ingress } = await guarded.create(obs);
      const changed = await guarded.update(ingress.id, { enabled: false, participantName: 'Ada', metadata: { a: 1 } });
      expect(changed).toEqual({ ...ingress, enabled: false, participantName: 'Ada', metadata: '{"a":1}' });
      const moved = await guarded.update(ingress.id, { identity: 'second', audio: { preset: 'opus_mono_64kbs' } });
      expect(moved).toEqual({ ...changed, identity: 'second', audio: { preset: 'opus_mono_64kbs' } });
      expect(await guarded.get(ingress.id)).toEqual(moved);
    });

    test('R5.4 one that was deleted is gone, and what was never there is not found', async () => {
      const { guarded, obs } = await opened();
      const { ingress } = await guarded.create(obs);
      await guarded.delete(ingress.id);
      expect(await guarded.list(obs.room)).toEqual([]);
      const asked = [guarded.get(ingress.id), guarded.update(ingress.id, { name: 'x' }), guarded.delete(ingress.id)];
      const codes = (await Promise.allSettled(asked)).map((each) => each.status === 'rejected' && each.reason.code);
      expect(codes).toEqual(['not_found', 'not_found', 'not_found']);
    });

    test('R5.4 a second one of the same identity in a room is refused, and names the first', async () => {
      const { guarded, obs } = await opened();
      const [first, second] = await Promise.allSettled([
        guarded.create(obs),
        guarded.create({ ...obs, name: 'again' }),
      ]);
      const made = first.status === 'fulfilled' ? first.value.ingress.id : '';
      expect(second).toMatchObject({
        reason: { code: 'refused', field: 'identity', message: expect.stringContaining(made) },
      });
      const other = await guarded.create({ ...obs, identity: 'other' });
      await expect(guarded.update(other.ingress.id, { identity: 'streamer' })).rejects.toMatchObject({
        code: 'refused',
      });
    });

    test('R8.1 the key is in nothing but the answer that makes it', async () => {
      const { guarded, ingresses, obs } = await opened();
      const made = await guarded.create(obs);
      const key = made.key!.reveal();
      const later = [
        inspect(made, { depth: 9 }),
        JSON.stringify(made),
        JSON.stringify(await guarded.list()),
        JSON.stringify(await guarded.get(made.ingress.id)),
        JSON.stringify(await guarded.update(made.ingress.id, { enabled: false })),
      ];
      expect(later.filter((text) => text.includes(key))).toEqual([]);
      const request = { ...obs, enabled: true };
      expect((await ingresses.made(request))?.key?.reveal()).toBe(key);
      expect(await ingresses.made({ ...request, name: 'never made' })).toBeUndefined();
    });

    test('R5.3 one that pulls has no key, and cannot be changed', async () => {
      const { guarded, obs, pulls } = await opened();
      const making = guarded.create({ ...obs, input: 'url', url: source });
      if (!pulls) return expect(making).rejects.toMatchObject({ code: 'unavailable' });
      const { ingress, key } = await making;
      expect([ingress.url, key]).toEqual([source, undefined]);
      return expect(guarded.update(ingress.id, { name: 'x' })).rejects.toMatchObject({ maybeDone: false });
    });
  });
}
