import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RoomName, TokenRegister } from '../../../src/runtime/token-register.ts';

export interface RegisterWorld {
  /** Two instances of one register. */
  readonly here: TokenRegister;
  readonly there: TokenRegister;
  /** Lets so much of the register's time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** What every register must do, whoever asks it. */
export function tokenRegisterContract(name: string, open: () => Promise<RegisterWorld>): void {
  describe(`D6.3 the register of tokens: ${name}`, () => {
    let world: RegisterWorld;
    beforeEach(async () => void (world = await open()));
    afterEach(() => world.close());

    const ada = { room: 'voice-ai-call-1', identity: 'ada' };
    const others = [
      { room: 'voice-ai-call-1', identity: 'bob' },
      { room: 'voice-ai-call-2', identity: 'ada' },
      { room: 'voice-ai-call-1,ada', identity: '' },
    ];

    test('a credential is found by both, as long as it lasts, and by no other id', async () => {
      const { here, there, pass } = world;
      expect(await here.enrol('id', ada, 300)).toBe(true);
      expect([await there.find('id'), await here.find('id'), await there.find('ID')]).toEqual([ada, ada, undefined]);
      await pass(200);
      expect(await here.enrol('id', ada, 300)).toBe(true);
      await pass(200);
      expect(await there.find('id')).toEqual(ada);
      await pass(200);
      expect(await there.find('id')).toBeUndefined();
    });

    test('a barred name is barred for both, it alone, and gets no credential, until the bar lifts', async () => {
      const { here, there, pass } = world;
      await here.bar(ada, 300);
      expect(await Promise.all([ada, ...others].map((each) => there.isBarred(each)))).toEqual([
        true,
        false,
        false,
        false,
      ]);
      expect([await there.enrol('id', ada, 300), await there.find('id')]).toEqual([false, undefined]);
      expect(await there.enrol('id', others[0]!, 300)).toBe(true);
      await pass(200);
      // A shorter one shortens nothing.
      await there.bar(ada, 10);
      await pass(50);
      expect(await here.isBarred(ada)).toBe(true);
      await here.bar(ada, 300);
      await pass(200);
      expect(await there.isBarred(ada)).toBe(true);
      await pass(200);
      expect([await there.isBarred(ada), await there.enrol('id', ada, 300)]).toEqual([false, true]);
    });

    test('a token is refused by both once it is superseded, or its name barred', async () => {
      const { here, there, pass } = world;
      const standing = (jti: string, name: RoomName = ada) => there.standing({ jti, name });
      expect(await standing('one')).toBeUndefined();
      await here.supersede('one', 300);
      expect([await standing('one'), await standing('two')]).toEqual(['superseded', undefined]);
      await here.bar(ada, 100);
      expect([await standing('one'), await standing('two'), await standing('two', others[0])]).toEqual([
        'revoked',
        'revoked',
        undefined,
      ]);
      await pass(200);
      expect([await standing('one'), await standing('two')]).toEqual(['superseded', undefined]);
      await pass(200);
      expect(await standing('one')).toBeUndefined();
    });

    test('both are told of each bar, until they no longer want to be', async () => {
      const heard: string[] = [];
      const watch = (register: TokenRegister, who: string) =>
        register.watch({ barred: ({ identity }) => heard.push(`${who}: ${identity}`), missed: () => undefined });
      watch(world.here, 'here');
      const end = watch(world.there, 'there');
      await world.here.bar(ada, 1000);
      await expect.poll(() => heard.toSorted()).toEqual(['here: ada', 'there: ada']);
      end();
      await world.there.bar(others[0]!, 1000);
      await expect.poll(() => heard).toContain('here: bob');
      expect(heard).not.toContain('there: bob');
    });
  });
}
