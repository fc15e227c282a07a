import { expect, onTestFinished, test } from 'vitest';
import { joinNoting, notePlayback, type OpenWorld } from './line-world.ts';
import { expectWords, joined, speechOf, wordsIn } from './spoken.ts';

/** For what was heard to be read, too. */
const arrivalMs = 700;
const count = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Told is what was heard, up to one word at the cut; a lossy way may have hurt some before it. */
function expectAgreement(told: readonly string[], heard: readonly string[], lossy: boolean): void {
  const clean = heard.filter((word) => word !== '~');
  const oneMore = clean.at(-1) !== undefined && !told.includes(clean.at(-1) ?? '') ? clean.slice(0, -1) : clean;
  const oneLess = lossy || oneMore.length >= told.length ? told : told.slice(0, -1);
  expectWords(oneMore, oneLess, lossy);
}

/** What every Player must do. */
export function playerContract(open: OpenWorld): void {
  const talking = async () => {
    const world = await open();
    onTestFinished(() => world.end());
    const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_player' });
    await phone.answer();
    const line = joinNoting(world);
    await line.reported('caller.answered');
    await world.until(() => phone.heard().length > 0, 'sound at the phone');
    return { world, phone, line, playback: notePlayback(world), player: world.player };
  };

  test('D4.1 what is written is heard, word by word, and the turn finishes', async () => {
    const { world, phone, playback, player } = await talking();
    const speech = speechOf(count.slice(0, 5));
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    expect(player.written(1)).toBe(speech.pcm.length);
    player.end(1);
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expectWords(wordsIn(phone.heard()), count.slice(0, 5), world.lossy);
    expect(playback.words(1)).toEqual(count.slice(0, 5));
    expect(playback.heardMs(1)).toBe(Math.round(speech.pcm.length / 16));
    expect(playback.facts[0]).toEqual({ type: 'playback.started', turn: 1 });
    expect(playback.facts.at(-1)).toEqual({ type: 'playback.finished', turn: 1 });
    expect(player.written(1)).toBe(0);
  });

  test('R9.3 what is heard while nobody is told is told to the next who asks', async () => {
    const { world, phone, playback, player } = await talking();
    const speech = speechOf(count.slice(0, 5));
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    player.end(1);
    await world.until(() => playback.words(1).length >= 2, 'two words told');
    playback.stop();
    await world.until(() => wordsIn(phone.heard()).length >= 4, 'four words heard');
    await world.pass(arrivalMs);
    const later = notePlayback(world);
    await later.reported('playback.finished', 1);
    expect([...playback.words(1), ...later.words(1)]).toEqual(count.slice(0, 5));
  });

  test('a held turn is silent until it is resumed', async () => {
    const { world, phone, playback, player } = await talking();
    const speech = speechOf(count.slice(0, 2));
    player.open(1, { held: true });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    player.end(1);
    await world.pass(500);
    expect(wordsIn(phone.heard())).toEqual([]);
    expect(playback.facts).toEqual([]);
    player.resume(1, 'sample');
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expectWords(wordsIn(phone.heard()), count.slice(0, 2), world.lossy);
  });

  test('a cleared turn falls silent at once, and its last words are told in the same call', async () => {
    const { world, phone, playback, player } = await talking();
    const speech = speechOf(count);
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    await world.until(() => playback.words(1).length >= 3, 'three words reported');
    const before = playback.facts.length;
    player.clear(1);
    expect(playback.facts.length).toBe(before + 1);
    expect(playback.facts.at(-1)).toMatchObject({ type: 'playback.heard', turn: 1 });
    player.write(1, speech.pcm);
    await world.pass(1_500);
    expect(playback.facts.length).toBe(before + 1);
    expectAgreement(playback.words(1), wordsIn(phone.heard()), world.lossy);
    expect(wordsIn(phone.heard()).length).toBeLessThan(count.length);
  });

  test('opening a turn clears the one before; late audio of that one is not heard', async () => {
    const { world, phone, playback, player } = await talking();
    const first = speechOf(count);
    const texts = ['new', 'turn', 'new', 'words'];
    const second = speechOf(texts);
    player.open(1, { held: false });
    player.write(1, first.pcm);
    player.mark(1, first.words);
    await world.until(() => playback.words(1).length >= 2, 'two words reported');
    player.open(2, { held: false });
    player.write(1, first.pcm);
    player.write(2, second.pcm);
    player.mark(2, second.words);
    player.end(2);
    await playback.reported('playback.finished', 2);
    await world.pass(arrivalMs);
    const heard = wordsIn(phone.heard());
    const begun = heard.findIndex((word) => texts.includes(word));
    expectWords(heard.slice(begun), texts, world.lossy);
    expectAgreement(playback.words(1), heard.slice(0, begun), world.lossy);
  });

  test('paused and resumed at the very sample, every word is heard once', async () => {
    const { world, phone, playback, player } = await talking();
    const speech = speechOf(count);
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    player.end(1);
    await world.until(() => playback.words(1).length >= 3, 'three words reported');
    player.pause(1);
    const told = playback.words(1).length;
    await world.pass(200);
    expect(playback.words(1).length).toBe(told);
    player.resume(1, 'sample');
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expect(playback.words(1)).toEqual(count);
    expectWords(wordsIn(phone.heard()), count, world.lossy);
  });

  test('resumed at the cut word or its clause, that is heard again and nothing is told twice', async () => {
    const { world, phone, playback, player } = await talking();
    const texts = ['First,', 'this', 'is', 'said', 'again', 'whole.', 'End'];
    const speech = speechOf(texts);
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    player.end(1);
    await world.until(() => playback.words(1).length >= 4, 'four words reported');
    player.pause(1);
    await world.pass(500);
    player.resume(1, 'clause');
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    const heard = wordsIn(phone.heard()).filter((word) => word !== '~');
    expect(playback.words(1)).toEqual(texts);
    expect(heard.filter((word) => word === 'First,').length).toBeLessThanOrEqual(1);
    const again = heard.lastIndexOf('this');
    expect(again, `heard [${heard}]`).toBeGreaterThan(heard.indexOf('this'));
    expectWords(heard.slice(again), texts.slice(1), world.lossy);
  });

  test('ducked, the voice goes on softer by as much and loses no word', async () => {
    const { world, phone, playback, player } = await talking();
    const texts = [...count, ...count];
    const speech = speechOf(texts);
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    player.end(1);
    await world.until(() => playback.words(1).length >= 5, 'five words reported');
    player.gain(1, -12, 20);
    await world.until(() => playback.words(1).length >= 12, 'seven more, ducked');
    player.gain(1, 0, 20);
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expect(playback.words(1)).toEqual(texts);
    expectWords(wordsIn(phone.heard()), texts, world.lossy);
    const levels = loudness(joined(phone.heard()));
    expect(levels.loud / levels.soft).toBeGreaterThan(3);
    expect(levels.loud / levels.soft).toBeLessThan(5.2);
  });

  test('starves aloud, once, and goes on when more comes', async () => {
    const { world, phone, playback, player } = await talking();
    const speech = speechOf(['before', 'after']);
    const half = speech.words[1]?.startSample ?? 0;
    player.open(1, { held: false });
    player.mark(1, speech.words);
    player.write(1, speech.pcm.subarray(0, half));
    await playback.reported('playback.starved', 1);
    await world.pass(300);
    expect(playback.facts.filter((fact) => fact.type === 'playback.starved')).toHaveLength(1);
    player.write(1, speech.pcm.subarray(half));
    player.end(1);
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expectWords(wordsIn(phone.heard()), ['before', 'after'], world.lossy);
    expect(playback.words(1)).toEqual(['before', 'after']);
  });

  test('R10.4 trimmed behind its last whole word, the turn is gone on with by another, and each word is heard once', async () => {
    const { world, phone, playback, player } = await talking();
    const [first, rest] = [speechOf(count.slice(0, 4)), speechOf(count.slice(3, 6), 3)];
    player.open(1, { held: false });
    player.write(1, first.pcm.slice(0, first.words[3]!.startSample + 1600));
    player.mark(1, first.words);
    expect(player.trim(1)).toEqual(count.slice(0, 3));
    expect(player.trim(2)).toEqual([]);
    const from = player.written(1);
    expect(from).toBe(first.words[2]!.endSample);
    player.write(1, rest.pcm);
    player.mark(
      1,
      rest.words.map((word) => ({ ...word, startSample: word.startSample + from, endSample: word.endSample + from })),
    );
    player.end(1);
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expectWords(wordsIn(phone.heard()), count.slice(0, 6), world.lossy);
    expect(playback.words(1)).toEqual(count.slice(0, 6));
  });

  test('R9.3 after the agent joined anew the same turn goes on where it was', async () => {
    const { world, phone, line, playback, player } = await talking();
    const speech = speechOf(count);
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.mark(1, speech.words);
    player.end(1);
    await world.until(() => playback.words(1).length >= 3, 'three words reported');
    line.leave();
    await world.pass(200);
    const second = joinNoting(world);
    await second.reported('caller.answered');
    await playback.reported('playback.finished', 1);
    await world.pass(arrivalMs);
    expect(playback.words(1)).toEqual(count);
    // What had left when the link went is lost, a word of it on either side of the cut.
    expectWords(wordsIn(phone.heard()), count, true);
  });

  test('tells its own level while it speaks, and silence after', async () => {
    const { world, playback, player } = await talking();
    expect(player.outboundDb()).toBe(-100);
    const speech = speechOf(count.slice(0, 4));
    player.open(1, { held: false });
    player.write(1, speech.pcm);
    player.end(1);
    await world.until(() => playback.heardMs(1) > 300, 'some speech');
    expect(player.outboundDb()).toBeGreaterThan(-18);
    expect(player.outboundDb()).toBeLessThan(-12);
    await playback.reported('playback.finished', 1);
    await world.pass(500);
    expect(player.outboundDb()).toBe(-100);
  });

  test('a turn of more than 180 s says once that it overflowed', async () => {
    const { playback, player } = await talking();
    player.open(1, { held: true });
    for (let second = 0; second < 182; second += 1) player.write(1, new Int16Array(16_000));
    expect(player.written(1)).toBe(180 * 16_000);
    expect(playback.facts).toEqual([{ type: 'playback.overflowed', turn: 1 }]);
  });

  test('an empty turn that ends is finished', async () => {
    const { playback, player } = await talking();
    player.open(1, { held: false });
    player.end(1);
    await playback.reported('playback.finished', 1);
    expect(playback.facts).toEqual([{ type: 'playback.finished', turn: 1 }]);
  });
}

/** Peaks of the loud and of the soft stretches, from the peaks of 100 ms pieces that sound. */
function loudness(pcm: Int16Array): { loud: number; soft: number } {
  const peaks: number[] = [];
  for (let at = 0; at + 1600 <= pcm.length; at += 1600) peaks.push(peakOf(pcm.subarray(at, at + 1600)));
  const sounding = peaks.filter((peak) => peak > 500).sort((a, b) => a - b);
  const at = (part: number) => sounding[Math.floor(sounding.length * part)] ?? 0;
  return { loud: at(0.8), soft: at(0.12) };
}

const peakOf = (pcm: Int16Array): number => pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
