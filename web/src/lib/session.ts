/** Who is signed in, and in which workspace. */
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import { get, keepCsrf, onSignedOut } from '../api/client';

export type Workspace = { name: string; time_zone: string; currency: string; week_start: string };
export type Session = {
  /** There is no user yet; the one-time link makes the first. */
  setup: boolean;
  user: null | { name: string; role: string; scopes: string[] };
  csrf: string | null;
  oidc: null | { name: string; url: string };
  workspace: null | Workspace;
};

export function useSessionState(): { session: Session | null; problem: Error | null; renew: () => Promise<void> } {
  const [session, set] = useState<Session | null>(null);
  const [problem, fail] = useState<Error | null>(null);
  const renew = useCallback(
    () =>
      get<Session>('/api/session').then(
        (found) => {
          keepCsrf(found.csrf);
          set(found);
          fail(null);
        },
        (wrong: Error) => fail(wrong),
      ),
    [],
  );
  useEffect(() => {
    void renew();
    return onSignedOut(() => set((s) => s && { ...s, user: null }));
  }, [renew]);
  return { session, problem, renew };
}

export const SessionContext = createContext<Session | null>(null);

/** The session; only inside the frame, where somebody is signed in. */
export function useSession(): Session & { user: NonNullable<Session['user']>; workspace: Workspace } {
  return useContext(SessionContext) as ReturnType<typeof useSession>;
}
export const useMay = (scope: string) => useSession().user.scopes.includes(scope);
