/**
 * Which route mail takes. A *hop* is what a plan is made for: a destination, and the domain of the sender where a route asks for it. So mail of two
 * senders for one destination may go two ways, and where no route asks, the hop is the destination.
 */
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import type { RouteOption } from '../options.ts';

/** Stands in no domain. */
const separator = ' from ';

export interface Way {
  readonly destination: string;
  /** The domain of the sender as A-labels, where it matters; else `''`. */
  readonly sender: string;
}

export function readHop(hop: string): Way {
  const [destination = '', sender = ''] = hop.split(separator, 2);
  return { destination, sender };
}

/** The hop of a mail: `sender` is its reverse-path. */
export function hopOf(routes: readonly RouteOption[], destination: string, sender: string): string {
  if (!routes.some(asksForSender)) return destination;
  const domain = domainToAscii(splitAddress(sender)?.domain ?? '') ?? '';
  const matters = routes.some((route) => fits(route, { destination, sender: domain }));
  return matters ? `${destination}${separator}${domain}` : destination;
}

/** A route that asks for the sender comes before one that does not; then the longest match of the destination wins. */
export function routeFor(
  routes: readonly RouteOption[],
  { destination, sender, when }: Way & { readonly when: 'always' | 'unreachable' },
): RouteOption | undefined {
  if (routes.length === 0) return undefined;
  const open = routes.filter((route) => (route.when ?? 'always') === when);
  const own = open.filter((route) => route.senders !== undefined && isAmong(route.senders, sender));
  return (
    longest(own, destination) ??
    longest(
      open.filter((route) => route.senders === undefined),
      destination,
    )
  );
}

const asksForSender = ({ senders }: RouteOption): boolean => senders !== undefined;

const fits = ({ domains, senders }: RouteOption, { destination, sender }: Way): boolean =>
  senders !== undefined && isAmong(domains, destination) && isAmong(senders, sender);

export function isAmong(names: readonly string[], domain: string): boolean {
  return domain !== '' && spellings(domain).some((name) => names.includes(name));
}

function longest(routes: readonly RouteOption[], domain: string): RouteOption | undefined {
  for (const name of spellings(domain)) {
    const found = routes.find((route) => route.domains.includes(name));
    if (found) return found;
  }
  return undefined;
}

/** The domain itself, then `.parent` from near to far, then `*`. */
function spellings(domain: string): readonly string[] {
  const names = [domain];
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1))
    names.push(domain.slice(dot));
  return [...names, '*'];
}
