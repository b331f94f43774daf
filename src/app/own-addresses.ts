/**
 * Where other servers would find us: what the settings say, what the MX listeners are bound to, and where that is every address, those of this
 * machine. A listener that greets with a name of its own stands for another server (delivery.byMx).
 */
import { networkInterfaces } from 'node:os';
import type { ListenerSettings, Settings } from '../config/schema.ts';

const everywhere: ReadonlySet<string> = new Set(['::', '0.0.0.0']);

export function ownAddresses(
  { delivery }: Settings,
  listeners: readonly ListenerSettings[],
  interfaces = networkInterfaces(),
): string[] {
  const hosts = listeners.filter((one) => one.kind === 'mx' && one.hostname === '').map((one) => one.host);
  const bound = hosts.filter((host) => !everywhere.has(host));
  const machine = hosts.length > bound.length ? addressesOf(interfaces) : [];
  return [...new Set([...delivery.ownAddresses, ...bound, ...machine])];
}

const addressesOf = (interfaces: ReturnType<typeof networkInterfaces>): string[] =>
  Object.values(interfaces).flatMap((all) =>
    (all ?? []).filter(({ internal }) => !internal).map(({ address }) => address.replace(/%.*$/, '')),
  );
