/** Secrets of the server itself, the same for all its nodes: made when they are first asked for. */
import type { Store } from '../store/store.ts';
import { maybe } from '../store/transaction.ts';
import { makeSecret } from './write/secret.ts';

export async function serverSecret(store: Store, name: string, make: () => string): Promise<string> {
  const known = await store.read(() =>
    maybe<{ secret: string }>('select secret from directory_secret where name = ?', name),
  );
  return known?.secret ?? store.write(makeSecret, { name, secret: make() });
}
