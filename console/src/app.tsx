import { CallPage } from './parts/call-page.tsx';
import { CallList } from './parts/call-list.tsx';
import { LogIn } from './parts/log-in.tsx';
import { useRoute } from './hooks/use-route.ts';
import { Somebody, useSession } from './hooks/use-session.ts';

/** The operator's console: the list of calls, or one call; before that, who one is. */
export function App() {
  const { callKey } = useRoute();
  const [{ person, asked, trouble }, enter] = useSession();
  if (person === undefined) return <LogIn asked={asked} trouble={trouble} enter={enter} />;
  return (
    <Somebody value={person}>
      {callKey === undefined ? <CallList /> : <CallPage key={callKey} callKey={callKey} />}
    </Somebody>
  );
}
