/** The session of a browser, and what proves its person, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, language, role, text, time } from './contract.ts';

export const person = Type.Object({
  is: Type.Literal('signedIn'),
  account: id,
  address: Type.String(),
  displayName: Type.String(),
  language,
  org: id,
  orgName: Type.String(),
  operator: Type.Boolean({ description: 'Sees every organisation.' }),
  roles: Type.Array(role),
  permissions: Type.Array(Type.String()),
  session: id,
});
export type Person = Static<typeof person>;

export const signedOut = Type.Object({ is: Type.Literal('signedOut') });

export const sessionState = Type.Union([signedOut, person]);
export type SessionState = Static<typeof sessionState>;

export const signIn = closed({
  name: text('Login address.', 400),
  password: Type.String({ maxLength: 1000 }),
  remember: Type.Optional(Type.Boolean({ description: 'Stays signed in when the browser is closed.' })),
});

export const webSession = Type.Object({
  id,
  current: Type.Boolean(),
  userAgent: Type.String(),
  ip: Type.String({ description: 'Signed in from.' }),
  remembered: Type.Boolean(),
  proved: Type.String({ description: 'By what: `password`, `totp`, `recovery`, `passkey`.' }),
  createdAtMs: time('Signed in at.'),
  lastUsedAtMs: time('Last used at, to within five minutes.'),
  lastUsedIp: Type.String(),
  expiresAtMs: time('Ends at.'),
});
export const webSessions = Type.Object({ items: Type.Array(webSession) });
export type WebSession = Static<typeof webSession>;
export const endedSessions = Type.Object({ count: Type.Integer() });
