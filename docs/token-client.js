/**
 * Keeps a LiveKit token fresh in a browser. `stream`: where your own server passes on the stream that POST /v1/tokens names.
 *
 *   const tokens = followTokens('/tokens/…/stream', { ended: (why) => leave(why) });
 *   await room.connect(url, await tokens.newest());   // now, and whenever the page has to connect anew
 */
export function followTokens(stream, { ended = () => {} } = {}) {
  /** With less left it is too late to connect. */
  const leastMs = 5_000;
  const source = new EventSource(stream);
  const waiting = new Set();
  let current;
  let over;

  function end(why) {
    if (over) return;
    over = new Error(`no more tokens: ${why}`);
    source.close();
    for (const { reject } of waiting) reject(over);
    ended(why);
  }
  source.addEventListener('message', ({ data }) => {
    const news = JSON.parse(data);
    if (news.ended) return end(news.ended);
    current = news;
    for (const { resolve } of waiting) resolve(news.token);
    waiting.clear();
  });
  // It comes again by itself, unless it was told that there is no such credential.
  source.addEventListener('error', () => source.readyState === EventSource.CLOSED && end('unknown'));

  return {
    /** The newest token; where that is about to end, the next one. Rejects once there are no more. */
    newest() {
      if (over) return Promise.reject(over);
      if (current && current.expiresAt - Date.now() > leastMs) return Promise.resolve(current.token);
      return new Promise((resolve, reject) => waiting.add({ resolve, reject }));
    },
    close: () => end('closed'),
  };
}
