import { CallPage } from './parts/call-page.tsx';
import { CallList } from './parts/call-list.tsx';
import { useRoute } from './hooks/use-route.ts';

/** The operator's console: the list of calls, or one call. */
export function App() {
  const { callKey } = useRoute();
  return callKey === undefined ? <CallList /> : <CallPage key={callKey} callKey={callKey} />;
}
