/** `02:14`, or `1:02:14`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** What is left of a deadline: `0.8 s`, `12 s`, `4:10`. */
export function leftTime(ms: number): string {
  if (ms <= 0) return 'due';
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.ceil(ms / 1000)} s`;
  return clockTime(ms);
}

/** Milliseconds as people read them. */
export const shortTime = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

const two = (value: number): string => String(value).padStart(2, '0');

/** `+49 171 1234567`-like grouping that holds for any country: by threes from the right after the first three. */
export function phoneNumber(phone: string | undefined): string {
  if (!phone) return 'unknown caller';
  const match = /^\+(\d{6,15})$/.exec(phone);
  if (!match) return phone;
  const digits = match[1] ?? '';
  return `+${digits.slice(0, -7)} ${digits.slice(-7, -4)} ${digits.slice(-4)}`.replace(/^\+ /, '+');
}

export function dayTime(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
