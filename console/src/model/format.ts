/** `02:14`, or `1:02:14`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
}

/** What is left of a deadline: `0.8 s`, `12 s`, `04:10`. */
export function leftTime(ms: number): string {
  if (ms <= 0) return 'due';
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.ceil(ms / 1000)} s`;
  return clockTime(ms);
}

/** Milliseconds as people read them. */
export const shortTime = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** How long something has lasted: `now`, `42 s`, `3 min`, `2 h`, `4 days`. */
export function roughTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  const hours = Math.floor(seconds / 3_600);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** A share from 0 to 1; what is not whole never looks as if it were. */
export function percent(share: number): string {
  const shown = Math.floor(share * 1000) / 10;
  return `${share > 0 && shown === 0 ? '< 0.1' : shown} %`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** North American numbers grouped as their users do; how others are grouped depends on the country. */
export function phoneNumber(phone: string | undefined): string {
  if (!phone) return 'unknown caller';
  return phone.replace(/^\+1(\d{3})?(\d{3})(\d{4})$/, (_, area?: string, ...rest: string[]) =>
    ['+1', area, rest[0], rest[1]].filter(Boolean).join(' '),
  );
}

/** Time of day, with the day when it is another than that of `now`. */
export function dayTime(at: number, now: number): string {
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(now).toDateString()) return `${time}:${two(date.getSeconds())}`;
  return `${date.toLocaleDateString('en', { day: 'numeric', month: 'short' })} ${time}`;
}
