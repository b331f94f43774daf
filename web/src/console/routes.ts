/** The addresses of the console. */
import { createRoute, lazyRouteComponent, type AnyRoute } from '@tanstack/react-router';
import type { ComponentType } from 'react';

type Load = () => Promise<ComponentType>;

/** Path below `/console`, and what is shown there. */
const pages: Readonly<Record<string, Load>> = {
  '/': async () => (await import('./home/Home.tsx')).Home,
  '/log': async () => (await import('./log/Log.tsx')).Log,
  '/queue': async () => (await import('./queue/Queue.tsx')).Queue,
  '/quarantine': async () => (await import('./quarantine/Quarantine.tsx')).Quarantine,
  '/domains': async () => (await import('./domains/Domains.tsx')).Domains,
  '/domains/$name': async () => (await import('./domains/DomainPage.tsx')).DomainPage,
  '/accounts': async () => (await import('./accounts/Accounts.tsx')).Accounts,
  '/addresses': async () => (await import('./addresses/Addresses.tsx')).Addresses,
  '/keys': async () => (await import('./keys/Keys.tsx')).Keys,
  '/deliverability': async () => (await import('./deliverability/Deliverability.tsx')).Deliverability,
  '/suppressions': async () => (await import('./suppressions/Suppressions.tsx')).Suppressions,
  '/programs': async () => (await import('./programs/Programs.tsx')).Programs,
  '/templates': async () => (await import('./templates/Templates.tsx')).Templates,
  '/webhooks': async () => (await import('./webhooks/Webhooks.tsx')).Webhooks,
  '/scripts': async () => (await import('./scripts/Scripts.tsx')).Scripts,
  '/audit': async () => (await import('./audit/Audit.tsx')).Audit,
  '/reports': async () => (await import('./reports/Reports.tsx')).Reports,
  '/sending': async () => (await import('./sending/Sending.tsx')).Sending,
  '/settings': async () => (await import('./settings/Settings.tsx')).Settings,
  '/organisations': async () => (await import('./organisations/Organisations.tsx')).Organisations,
  '/journey/$id': async () => (await import('./journey/Journey.tsx')).Journey,
};

export function consoleRoutes(parent: AnyRoute) {
  const layout = createRoute({
    getParentRoute: () => parent,
    path: 'console',
    component: lazyRouteComponent(() => import('./ConsoleLayout.tsx'), 'ConsoleLayout'),
  });
  return layout.addChildren(
    Object.entries(pages).map(([path, load]) =>
      createRoute({
        getParentRoute: () => layout,
        path,
        component: lazyRouteComponent(async () => ({ default: await load() })),
      }),
    ),
  );
}
