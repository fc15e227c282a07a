import { whoNow } from '../api.ts';

export type Connection = 'connecting' | 'open' | 'reconnecting' | 'over';

interface Reader {
  /** Data of one event. */
  message(data: string): void;
  connected(connection: Connection): void;
}

const againMs = 1_500;

/**
 * Reads server-sent events. The browser comes again by itself after a lost connection; where it gives up (an answer that is an
 * error) this comes again, at the address of then. Returns the end of it.
 */
export function openStream(url: () => string, { message, connected }: Reader): () => void {
  let source: EventSource | undefined;
  let timer = 0;
  const open = () => {
    source = new EventSource(url());
    source.addEventListener('open', () => connected('open'));
    source.addEventListener('message', ({ data }: MessageEvent<string>) => message(data));
    source.addEventListener('end', () => {
      source?.close();
      connected('over');
    });
    source.addEventListener('error', () => {
      connected('reconnecting');
      if (source?.readyState !== EventSource.CLOSED) return;
      // An event stream does not say why it was refused; this does, when it is for want of a session.
      void whoNow().catch(() => {});
      timer = window.setTimeout(open, againMs);
    });
  };
  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}
