import { useEffect, useState } from 'preact/hooks';
import { viewUrl } from '../api.ts';
import { type Connection, openStream } from './open-stream.ts';

interface ViewNow<View> {
  readonly view?: View;
  /** The one before it. */
  readonly before?: View;
  readonly connection: Connection;
}

/** What the door streams under this name, as it is now. */
export function useView<View>(name: Parameters<typeof viewUrl>[0]): ViewNow<View> {
  const [now, setNow] = useState<ViewNow<View>>({ connection: 'connecting' });
  useEffect(
    () =>
      openStream(() => viewUrl(name), {
        message: (data) =>
          setNow(({ connection, view: before }) => ({
            connection,
            view: JSON.parse(data) as View,
            ...(before && { before }),
          })),
        connected: (connection) => setNow((known) => ({ ...known, connection })),
      }),
    [name],
  );
  return now;
}
