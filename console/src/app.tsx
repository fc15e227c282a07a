import { CallPage } from './parts/call-page.tsx';
import { CallList } from './parts/call-list.tsx';
import { HealthPage } from './parts/health-page.tsx';
import { LogIn } from './parts/log-in.tsx';
import { useRoute } from './hooks/use-route.ts';
import { Somebody, useSession } from './hooks/use-session.ts';

/** The operator's console: the list of calls, one call, or how what they depend on is; before that, who one is. */
export function App() {
  const { callKey, page } = useRoute();
  const [{ person, asked, trouble }, enter] = useSession();
  if (person === undefined) return <LogIn asked={asked} trouble={trouble} enter={enter} />;
  return (
    <Somebody value={person}>
      {page === 'health' ? (
        <HealthPage />
      ) : callKey === undefined ? (
        <CallList />
      ) : (
        <CallPage key={callKey} callKey={callKey} />
      )}
    </Somebody>
  );
}
