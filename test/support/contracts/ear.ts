import { expect, onTestFinished, test } from 'vitest';
import { joinNoting, type OpenWorld } from './line-world.ts';
import { expectWords, speechOf, wordsIn } from './spoken.ts';

/** What every Ear must do. */
export function earContract(open: OpenWorld): void {
  const talking = async () => {
    const world = await open();
    onTestFinished(() => world.end());
    const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_ear' });
    await phone.answer();
    const line = joinNoting(world);
    await line.reported('caller.answered');
    return { world, phone, line };
  };

  test('D4.1 hands over what the caller says, 20 ms of 16 kHz at a time, silence included', async () => {
    const { world, phone } = await talking();
    const frames: Int16Array[] = [];
    world.ear.listen((frame) => frames.push(frame));
    await world.until(() => frames.length >= 10, 'frames of silence');
    const said = ['hello', 'agent', 'this', 'is', 'me', 'speaking'];
    phone.speak(speechOf(said).pcm);
    await world.until(() => wordsIn(frames).length >= 4, 'the words');
    await world.pass(1_500);
    expectWords(wordsIn(frames), said, world.lossy);
    expect(new Set(frames.map((frame) => frame.length))).toEqual(new Set([320]));
  });

  test('replays what was heard last, then goes on without a seam', async () => {
    const { world, phone } = await talking();
    const early: Int16Array[] = [];
    world.ear.listen((frame) => early.push(frame));
    const said = ['one', 'two', 'three', 'four', 'five', 'six'];
    phone.speak(speechOf(said).pcm);
    await world.until(() => wordsIn(early).length >= 3, 'three words');
    const late: Int16Array[] = [];
    world.ear.listen((frame) => late.push(frame), { replayMs: 5_000 });
    await world.until(() => wordsIn(early).length >= 5, 'more words');
    await world.pass(600);
    expectWords(wordsIn(late), said, world.lossy);
    expect(wordsIn(late)).toEqual(wordsIn(early));
  });

  test('an ended listener hears nothing more; a throwing one is dropped alone', async () => {
    const { world } = await talking();
    let ended = 0;
    let thrown = 0;
    let others = 0;
    const end = world.ear.listen(() => (ended += 1));
    world.ear.listen(() => {
      thrown += 1;
      throw new Error('no');
    });
    world.ear.listen((frame) => {
      others += 1;
      frame.fill(9_999);
    });
    const clean: Int16Array[] = [];
    world.ear.listen((frame) => clean.push(frame));
    await world.until(() => others >= 3, 'three frames');
    end();
    const before = ended;
    await world.until(() => others >= 8, 'more frames');
    expect([ended, thrown]).toEqual([before, 1]);
    expect(clean.every((frame) => frame[0] !== 9_999)).toBe(true);
  });

  test('goes on with the new track of a caller who reconnected', async () => {
    const { world, phone, line } = await talking();
    const frames: Int16Array[] = [];
    world.ear.listen((frame) => frames.push(frame));
    await phone.rejoin();
    await line.reported('caller.joined', 2);
    const before = frames.length;
    await world.until(() => frames.length > before + 5, 'frames of the new track');
    phone.speak(speechOf(['again', 'again', 'again']).pcm);
    await world.until(() => wordsIn(frames).includes('again'), 'a word after the reconnect');
  });

  test('goes on after the agent itself has joined anew', async () => {
    const { world, phone, line } = await talking();
    const frames: Int16Array[] = [];
    world.ear.listen((frame) => frames.push(frame));
    line.leave();
    const second = joinNoting(world);
    await second.reported('caller.answered');
    const before = frames.length;
    await world.until(() => frames.length > before + 5, 'frames after the rejoin');
    phone.speak(speechOf(['still', 'still', 'still']).pcm);
    await world.until(() => wordsIn(frames).includes('still'), 'a word after the rejoin');
  });

  test('does not listen to a second caller', async () => {
    const { world, phone } = await talking();
    const other = await world.call({ identity: 'web-9' });
    const frames: Int16Array[] = [];
    world.ear.listen((frame) => frames.push(frame));
    other.speak(speechOf(['spy', 'spy']).pcm);
    await world.pass(1_200);
    phone.speak(speechOf(['mine', 'mine', 'mine']).pcm);
    await world.until(() => wordsIn(frames).includes('mine'), 'a word');
    expect(wordsIn(frames)).not.toContain('spy');
  });
}
