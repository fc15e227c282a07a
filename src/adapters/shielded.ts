/** Told of what a receiver threw; must not throw itself. */
export type Threw = (error: unknown) => void;

/**
 * A receiver that throws loses that fact and nothing else. Unshielded, its error would pass for the vendor's, end the streams
 * of others, or end the process: SDKs call back from their sockets' own events.
 */
export const shielded =
  <Fact>(report: (fact: Fact) => void, threw: Threw = () => {}) =>
  (fact: Fact): void => {
    try {
      report(fact);
    } catch (error) {
      threw(error);
    }
  };
