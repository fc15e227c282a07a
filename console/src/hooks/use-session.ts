import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { logIn, type Person, whenLoggedOut, whoNow } from '../api.ts';
import { linkOf, listHref } from '../model/route.ts';
import { askUntilThere } from './ask-until-there.ts';

/** `trouble`: why nobody is logged in, where there is more to say than that. */
export type Session = { readonly person?: Person; readonly asked: boolean; readonly trouble: string };

/** Who uses this page: by the link in its address, or by a session that goes on. */
export function useSession(): readonly [Session, (person: Person) => void] {
  const [session, setSession] = useState<Session>({ asked: false, trouble: '' });
  const enter = (person: Person) => setSession({ person, asked: true, trouble: '' });
  useEffect(() => {
    whenLoggedOut(({ message }) => setSession({ asked: true, trouble: message }));
    // A link that is opened in a page of ours changes nothing but the hash.
    const changed = () => linkOf(location.hash) && location.reload();
    addEventListener('hashchange', changed);
    const leave = askUntilThere(begin, {
      got: enter,
      failed: (trouble) => setSession((now) => (now.asked ? now : { ...now, trouble })),
    });
    return () => {
      removeEventListener('hashchange', changed);
      leave();
    };
  }, []);
  return [session, enter];
}

async function begin(): Promise<Person> {
  const link = linkOf(location.hash);
  if (link === undefined) return whoNow();
  // It is used up now: whoever reads the address later finds nothing in it.
  history.replaceState(null, '', `${location.pathname}${location.search}${listHref}`);
  return logIn({ link });
}

const Who = createContext<Person | undefined>(undefined);
export const Somebody = Who.Provider;
export const useWho = (): Person | undefined => useContext(Who);

/** Whether the buttons that command are of use. */
export const useMayCommand = (): boolean => {
  const role = useWho()?.role;
  return role === 'operator' || role === 'admin';
};
