/** The addresses of the page. Each is a chunk of its own, loaded when it is first opened. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { queries } from '../api/queries.ts';
import { consoleRoutes } from '../console/routes.ts';
import { sessionQuery } from '../session/session.ts';
import { NotFound, PageProblem } from './outside.tsx';
import { hasConsole } from './places.ts';
import { parseFilters, writeFilters } from './filters.ts';

export const rootRoute = createRootRoute({
  notFoundComponent: NotFound,
  errorComponent: PageProblem,
  validateSearch: (search: Record<string, unknown>): Filters => search as Filters,
});

/** What the address has behind `?`: plain texts. */
export type Filters = { readonly [name: string]: string | undefined };

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('../session/SignIn.tsx'), 'SignIn'),
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../session/Invitation.tsx'), 'Invitation'),
});

/** All that is for people who are signed in. */
export const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'frame',
  component: lazyRouteComponent(() => import('./Frame.tsx'), 'Frame'),
  beforeLoad: async ({ location }) => {
    const state = await queries.ensureQueryData(sessionQuery);
    if (state.is === 'signedOut') throw redirect({ to: '/sign-in', search: { to: location.href } });
  },
});

const startRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/',
  beforeLoad: async () => {
    const state = await queries.ensureQueryData(sessionQuery);
    throw redirect({ to: state.is === 'signedIn' && hasConsole(state) ? '/console' : '/mail' });
  },
});

const mailRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mail',
  component: lazyRouteComponent(() => import('../mail/Mail.tsx'), 'Mail'),
});

const mailSettingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mail/settings',
  component: lazyRouteComponent(() => import('../mail/settings/MailSettings.tsx'), 'MailSettings'),
});

const contactsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/contacts',
  component: lazyRouteComponent(() => import('../contacts/Contacts.tsx'), 'Contacts'),
});

const meRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/me',
  component: lazyRouteComponent(() => import('../session/Me.tsx'), 'Me'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    invitationRoute,
    frameRoute.addChildren([
      startRoute,
      mailRoute,
      mailSettingsRoute,
      contactsRoute,
      meRoute,
      consoleRoutes(frameRoute),
    ]),
  ]),
  parseSearch: parseFilters,
  stringifySearch: writeFilters,
  defaultPreload: 'intent',
  defaultPendingMs: 200,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
