/** The addresses under which the world reaches this server: those of the settings, else of its network interfaces, else those that DNS has for its name. */
import { networkInterfaces } from 'node:os';
import type { Settings } from '../config/schema.ts';
import { normalAddress } from '../net/address-block.ts';
import { onlyPublic } from '../net/dialer.ts';
import type { Resolver } from '../net/resolver.ts';

export async function worldAddresses(
  { addresses, hostname }: Settings,
  resolver: Pick<Resolver, 'a' | 'aaaa'>,
): Promise<readonly string[]> {
  if (addresses.length > 0) return addresses.map(normalAddress);
  const interfaces = interfaceAddresses();
  if (interfaces.length > 0) return interfaces;
  const answers = await Promise.all([resolver.a(hostname), resolver.aaaa(hostname)]);
  return answers.flatMap((answer) => (answer.is === 'records' ? answer.records : []));
}

/** IPv4 first. None behind address translation. */
function interfaceAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const found = all.filter(({ internal, address }) => !internal && onlyPublic(address));
  return [...new Set(found.map(({ address }) => normalAddress(address)))].sort(
    (a, b) => Number(a.includes(':')) - Number(b.includes(':')),
  );
}
