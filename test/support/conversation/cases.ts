import { type VoiceFixture, voiceFixtures } from '../../../emulators/voices/index.ts';

export type CaseKind = 'backchannel' | 'noise' | 'interruption' | 'pause' | 'spelled';
export type Language = 'en' | 'de' | 'ru';

/** One thing that a caller does, and how the agent takes it is judged. */
export interface SuiteCase {
  readonly id: string;
  readonly kind: CaseKind;
  readonly language: Language;
  /** What is played, in order, with `gapMs` of line noise between. */
  readonly parts: readonly VoiceFixture[];
  readonly gapMs: number;
  /** Into the agent's answer, ms; of no meaning for turns of the caller's own. */
  readonly offsetMs: number;
}

const pauseGapsMs = [400, 700, 1000];
const spelledGapMs = 900;

/** All cases of a language, in the order in which one call plays them: what leaves the agent speaking comes first. */
export function casesFor(language: Language, fixtures = voiceFixtures()): readonly SuiteCase[] {
  const all = allCases(fixtures).filter((each) => each.language === language);
  const of = (kind: CaseKind) => all.filter((each) => each.kind === kind);
  const floor = [of('backchannel'), of('noise'), of('interruption')];
  const rounds = Math.max(...floor.map(({ length }) => length));
  const taken = Array.from({ length: rounds }, (_, round) => floor.flatMap((kind) => kind[round] ?? [])).flat();
  return [...taken, ...of('pause'), ...of('spelled')];
}

function allCases(fixtures: readonly VoiceFixture[]): SuiteCase[] {
  const single = (kind: CaseKind) =>
    fixtures
      .filter((fixture) => fixture.kind === kind)
      .map((fixture, i) => ({ ...caseOf(kind, [fixture], i), id: fixture.file.replace(/\.wav$/, '') }));
  return [...single('backchannel'), ...single('noise'), ...single('interruption'), ...grouped(fixtures)];
}

function grouped(fixtures: readonly VoiceFixture[]): SuiteCase[] {
  const groups = Map.groupBy(
    fixtures.filter(({ group }) => group !== undefined),
    ({ group }) => group!,
  );
  const counts = new Map<CaseKind, number>();
  return [...groups.values()].map((parts) => {
    const kind = parts[0]!.kind as CaseKind;
    const nth = counts.get(kind) ?? 0;
    counts.set(kind, nth + 1);
    return caseOf(kind, parts, nth);
  });
}

/** Noises have no language; they are spread over the calls. */
function caseOf(kind: CaseKind, parts: readonly VoiceFixture[], nth: number): SuiteCase {
  const [first] = parts;
  const gapMs = kind === 'pause' ? pauseGapsMs[nth % pauseGapsMs.length]! : kind === 'spelled' ? spelledGapMs : 0;
  const language = first?.language ?? (nth < 5 ? 'en' : nth < 8 ? 'de' : 'ru');
  const id = kind === 'pause' ? `${first?.group} ${gapMs} ms` : (first?.group ?? '');
  return { id, kind, language, parts, gapMs, offsetMs: 1800 + nth * 170 };
}
