import type * as RtcNode from '@livekit/rtc-node';

export type Rtc = typeof RtcNode;

/** rtc-node writes debug lines to stdout unless NODE_ENV says production while it loads; its logger is not exported. */
export async function loadRtc(): Promise<Rtc> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    return await import('@livekit/rtc-node');
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}
