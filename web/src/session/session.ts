/** Who is signed in with this browser. */
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import type { Person, SessionState, SignInAnswer } from '../../../src/httpd/admin-api/contract-session.ts';
import { call, whenSignedOut } from '../api/client.ts';
import { queries } from '../api/queries.ts';

export type { Person, SessionState, SignInAnswer };

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => call<SessionState>('GET', '/api/v1/session'),
  staleTime: 60_000,
});

whenSignedOut(() => queries.setQueryData(sessionQuery.queryKey, { is: 'signedOut' }));

/** The person: only below the frame, which shows nothing to anybody else. */
export function usePerson(): Person {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data.is !== 'signedIn') throw new Error('nobody is signed in');
  return data;
}

export function useMay(): (permission: string) => boolean {
  const { data } = useQuery(sessionQuery);
  return (permission) => data?.is === 'signedIn' && data.permissions.includes(permission);
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/api/v1/session');
  queries.clear();
  queries.setQueryData(sessionQuery.queryKey, { is: 'signedOut' });
}
