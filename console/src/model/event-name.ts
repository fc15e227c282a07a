/** XState's names for what it sends itself, as people say it. */
export function eventName(type: string): string {
  if (type.startsWith('xstate.after.')) return `after ${type.split('.')[2]}`;
  if (type === 'xstate.init') return 'start';
  return type.replace(/^xstate\.(done|error)\.actor\./, '$1 ');
}
