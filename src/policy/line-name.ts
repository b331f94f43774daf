/**
 * What the name of an address says of the line behind it: one of the many that a provider gives out anew each day, or a server that somebody has named.
 * Pure.
 */
import { registrableDomain } from '../proto/dns/registrable.ts';
import { addressInName } from './line/address-in-name.ts';
import { wordsOf } from './line/name-words.ts';
import { providerNames } from './line/provider-names.ts';

/**
 * - `dynamic`: an address for some hours or days
 * - `generic`: named after its address, and nothing says for how long it is whose
 * - `fixed`: the provider says that it stays, or that it is a server
 * - `own`: chosen by somebody for this host
 */
export interface LineName {
  readonly is: 'dynamic' | 'generic' | 'fixed' | 'own';
  /** The part of the name that told, for people. */
  readonly because: string;
}

export function lineName(name: string, ip: string): LineName {
  const lower = name.toLowerCase().replace(/\.$/, '');
  const spelled = addressInName(lower, ip);
  const provider = providerOf(lower);
  const host = lower.slice(0, -(registrableDomain(lower)?.length ?? 0) - 1 || undefined);
  const words = wordsOf(host);
  if (provider?.is === 'fixed') return { is: 'fixed', because: provider.suffix };
  // A provider's domain may hold its own mail servers: those spell nothing, and are not numbered by the thousand.
  if (provider !== undefined && (spelled !== 'no' || /\d{4}/.test(host)) && !isServer(words, spelled))
    return { is: 'dynamic', because: provider.suffix };
  if (words.fixed !== undefined) return { is: 'fixed', because: words.fixed };
  if (words.linesOnly !== undefined && (spelled !== 'no' || /\d/.test(host)))
    return { is: 'dynamic', because: words.linesOnly };
  if (spelled !== 'no' && words.linesPerhaps !== undefined && words.linesPerhaps !== 'ip')
    return { is: spelled === 'whole' ? 'dynamic' : 'generic', because: words.linesPerhaps };
  return spelled === 'whole' ? { is: 'generic', because: 'address' } : { is: 'own', because: '' };
}

const isServer = ({ fixed }: ReturnType<typeof wordsOf>, spelled: string): boolean =>
  fixed !== undefined && spelled === 'no';

function providerOf(name: string): (typeof providerNames)[number] | undefined {
  return providerNames.find(({ suffix, host }) => {
    if (name !== suffix && !name.endsWith(`.${suffix}`)) return false;
    return host === undefined || host.test(name.slice(0, -suffix.length - 1));
  });
}
