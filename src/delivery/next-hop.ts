/** Where mail for a domain elsewhere goes next, for people who ask. */
import { routeFor } from './route/hop.ts';
import { planFor, type PlanParts } from './route/plan.ts';

export interface NextHop {
  /** The route of the settings, or the domain's own MX (or address) records. */
  readonly by: 'route' | 'mx';
  /** The best first. */
  readonly hosts: readonly string[];
  /** Why it goes nowhere now, as the sender would be told; `''` when it does. */
  readonly problem: string;
}

export async function nextHop(parts: PlanParts, domain: string): Promise<NextHop> {
  const by = routeFor(parts.options.routes, { destination: domain, sender: '', when: 'always' })
    ? 'route'
    : 'mx';
  const plan = await planFor(parts, domain);
  if (plan.is === 'none') return { by, hosts: [], problem: plan.answer.reply };
  const hosts = plan.targets.map(({ host, port }) =>
    port === parts.options.smtpPort ? host : `${host}:${port}`,
  );
  return { by, hosts, problem: '' };
}
