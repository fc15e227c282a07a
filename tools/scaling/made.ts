import { manifests } from './manifests.ts';
import { rulesFile } from './rules.ts';

/** Files that are made from the code, by their names below the root. */
export const made = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ 'rules.yml': rulesFile(), ...manifests }).map(([name, text]) => [`deploy/scaling/${name}`, text]),
  );
