/** Where in its life a request or stream was when it failed. */
export type FailurePhase = 'connect' | 'handshake' | 'stream' | 'rest';

/** Which of the recovery paths a failure belongs to (SPEC D8.2). */
export type FailureClass = 'auth' | 'api' | 'sip' | 'network';

/**
 * What went wrong at a vendor, as plain JSON: no headers, no payload, no secret.
 * Adapters translate every foreign error into this once, at the boundary; nobody else reads SDK errors.
 */
export interface Failure {
  readonly vendor: string;
  readonly phase: FailurePhase;
  readonly class: FailureClass;
  /** A closed set of words within the class, such as `quota`, `rate`, `region`, `config`, `server`, `protocol`, `stall`, `starved`. */
  readonly sub?: string;
  /** Whether the same request may succeed when repeated. */
  readonly retryable: boolean;
  /** One line for a person. Redacted. */
  readonly message: string;
  readonly httpStatus?: number;
  readonly wsCode?: number;
  readonly errno?: string;
  readonly vendorCode?: string;
  readonly retryAfterMs?: number;
}

/** A token, also one that was cut off. */
const jwt = /eyJ[\w-]{5,}(?:\.[\w-]*){0,2}/g;
/** One whose header is written in another way than everybody's. */
const oddJwt = /(?<![\w-])[\w-]{12,}\.[\w-]{12,}\.[\w-]{20,}/g;
/** A password in what somebody prints: of a JSON string its end is known, of anything else it is not, so the rest goes too. */
const password = /(passw(?:or)?d(?:[^\w:=]|%22){0,6}?(?:[:=]|%3[ad])\s*)(?:"(?:\\.|[^"\\])*"(?=\s*[,}\]]|$)|[^]*)/gi;
const userInfo = /\/\/[^\s/@]*@/g;
const longToken = /\b(?:sk|gsk|dg|vck|Bearer|Token)[-_ ][\w-]{8,}/g;

/** Removes what looks like a credential from a foreign message: LiveKit echoes refused tokens, vendors echo parts of keys. */
export function redact(message: string): string {
  return message
    .replace(password, '$1[secret]')
    .replace(oddJwt, '[token]')
    .replace(jwt, '[token]')
    .replace(longToken, '[secret]')
    .replace(userInfo, '//…@')
    .slice(0, 300);
}
