import { it } from 'vitest';
import { expectWalked } from '../support/expect-walked.ts';

// Beside the walks of the others, which take as long.
it('every edge is walked under the host: S1 conversation', { timeout: 300_000 }, () => expectWalked('conversation'));
