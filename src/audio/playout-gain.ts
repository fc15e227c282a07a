/** A gain on its way to another: linear factors, moving by `step` a sample until `target`. Immutable, so that it can be taken back. */
export interface Fade {
  readonly level: number;
  readonly target: number;
  readonly step: number;
}

export const fullVoice: Fade = { level: 1, target: 1, step: 0 };

/** The way from where `fade` is now to `db` (0 = full voice), in `samples` samples; at once when that is 0. */
export function fadeTo(fade: Fade, db: number, samples: number): Fade {
  const target = 10 ** (db / 20);
  if (samples <= 0) return { level: target, target, step: 0 };
  return { level: fade.level, target, step: (target - fade.level) / samples };
}

/** Where the fade will be after so many samples. */
export function fadeAfter(fade: Fade, samples: number): Fade {
  const level = fade.level + fade.step * samples;
  const arrived = fade.step === 0 || (fade.step > 0 ? level >= fade.target : level <= fade.target);
  return arrived ? { level: fade.target, target: fade.target, step: 0 } : { ...fade, level };
}

/** Multiplies the samples in place. Gains above full voice are cut at full scale. */
export function applyFade(fade: Fade, pcm: Int16Array): void {
  if (fade.step === 0 && fade.level === 1) return;
  for (let at = 0; at < pcm.length; at += 1) {
    const scaled = Math.round((pcm[at] ?? 0) * fadeAfter1(fade, at));
    pcm[at] = Math.max(-32_768, Math.min(32_767, scaled));
  }
}

function fadeAfter1(fade: Fade, samples: number): number {
  const level = fade.level + fade.step * samples;
  return fade.step >= 0 ? Math.min(level, Math.max(fade.target, fade.level)) : Math.max(level, fade.target);
}
