/** What a key may do; each role may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;

/** `viewer` looks · `operator` commands calls and makes things · `admin` changes how the instance is reached and what it keeps. */
export type Role = (typeof roles)[number];

export const mayActAs = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed);
