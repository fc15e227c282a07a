import { configureGlobal } from 'fast-check';

export * from 'fast-check';

// `npm test` is a fixed selection, seeds included; the suite draws anew.
if (!process.env['VOICECHART_SUITE']) configureGlobal({ seed: 20_261_126 });
