import type { Mutant } from './mutants.ts';

/** Mutants that live as the machine that is right does, and why that is no gap in the walks. */
const reasons: readonly (readonly [name: RegExp, reason: string])[] = [
  [
    /^action: lead\.following \+ lead\.taken \[1\] .* action queueLines/,
    'in these walks the posture that is found is for the sake of the very lines that would be queued',
  ],
  [
    /^target: course\.(sip \+ lead\.lost|diagnosing\.choosing \+ always).* but recovery\.course\.classifying$/,
    'whoever does not lead goes on from `classifying` to `running` at once with what is for the leader',
  ],
  [
    /^target: live\.line\.patience \+ call\.restored .* but call\.live\.line\.patience\.works$/,
    'restoring makes the link begin anew, so it is down, and `works` is left at once for `broken`',
  ],
  [
    /^action: .*opening\.choosing \+ always \[0\] → disclosing, action ask/,
    '`disclose` is what a fresh call asks for already',
  ],
  [
    /^entry: .*(disclosing|greeting|assuring)\.thinking\.confirmed action forgetTries/,
    'nothing tentative comes before these turns without a turn between that forgets the tries',
  ],
  [
    /^target: .*tentativeVoice.* → callerTurn, but callerTalking$/,
    'the voice is on when this timer fires, and `callerTurn` goes on to `callerTalking` then',
  ],
  [
    /^action: .*confirmed\.guarded \+ .*tentativeVoice.*, action countBargeIn/,
    'only an interruption of something heard counts, and of this turn nothing was',
  ],
  [
    /^target: .*heeding\.hushed \+ caller\.voice_started .* but .*heeding\.choosing$/,
    '`choosing` goes on to `voiced` while the voice is on',
  ],
  [
    /^edge: .*collectingDigits \+ caller\.digit \[0\]/,
    '`listening` answers a digit in the same way: it begins collecting, with what was collected',
  ],
  [
    /^(edge|guard): .*collectingDigits \+ caller\.turn_ended \[1\]/,
    '`listening` answers words in the same way; the one that it takes otherwise, "hold on", leaves collecting when it is said',
  ],
  [
    /^action: .*conversation\.talking \+ call\.restored .* → transferring, action noteFailsafePerson/,
    'whoever is restored in failsafe was on his way to this person since he was answered',
  ],
  [
    /^target: .*settling\.waiting\.unsure \+ stt\.nothing .* but .*waiting\.committing$/,
    'by then the time to commit is over: `committing` answers at once what `deciding` would begin to answer',
  ],
  [
    /^entry: .*closing\.farewell\..*thinking\.confirmed action forgetTries/,
    'after a farewell nothing is tried any more',
  ],
];

/** Why this mutant may survive; nothing for one that may not. */
export const reasonOf = ({ name }: Mutant): string | undefined => reasons.find(([shape]) => shape.test(name))?.[1];

/** Reasons that no survivor needs any more. */
export const idleReasons = (survivors: readonly Mutant[]): string[] =>
  reasons.filter(([shape]) => !survivors.some(({ name }) => shape.test(name))).map(([shape]) => String(shape));
