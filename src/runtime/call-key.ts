/**
 * The name of a call: its room and the caller's key (`sip.callID`, or the identity where there is none). Everything else about
 * a caller may change under the call: a restarted server gives new SIDs. Distinct pairs give distinct keys.
 */
export function callKeyOf(room: string, callerKey: string): string {
  return `${room.replaceAll('%', '%25').replaceAll('~', '%7E')}~${callerKey}`;
}

/** The pair that a key was made of. */
export function splitCallKey(callKey: string): { readonly room: string; readonly callerKey: string } {
  const at = callKey.indexOf('~');
  const room = callKey.slice(0, at).replaceAll('%7E', '~').replaceAll('%25', '%');
  return { room, callerKey: callKey.slice(at + 1) };
}
