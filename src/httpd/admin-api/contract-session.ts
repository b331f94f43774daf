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

/** The password was right, and more is asked for. */
const secondFactor = Type.Object({
  is: Type.Literal('secondFactor'),
  ticket: Type.String({ description: 'For the next step; good for five minutes.' }),
  code: Type.Boolean({ description: 'A one-time code is taken.' }),
  recovery: Type.Boolean({ description: 'There are recovery codes left.' }),
  passkey: Type.Optional(
    Type.Unknown({ description: 'Options for `navigator.credentials.get`, as JSON (WebAuthn, 5.1.8).' }),
  ),
});
export const signInAnswer = Type.Union([person, secondFactor]);
export type SignInAnswer = Static<typeof signInAnswer>;

export const oidcProviders = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String({ description: 'For `GET /api/v1/session/oidc/{name}`, which leads there.' }),
      title: Type.String({ description: 'As people call it.' }),
    }),
  ),
});
export type OidcProviderItem = Static<typeof oidcProviders>['items'][number];

export const invitationState = Type.Object({
  address: Type.String(),
  orgName: Type.String(),
  language,
});
export type InvitationState = Static<typeof invitationState>;
export const invitationQuery = closed({ ticket: text('Of the link.', 2000) });
export const acceptedInvitation = closed({
  ticket: text('Of the link.', 2000),
  password: Type.String({ maxLength: 1000, description: 'From now on.' }),
});

const ticket = text('Of the step before.', 2000);
const response = Type.Record(Type.String({ maxLength: 50 }), Type.Unknown(), {
  description: 'What the browser gave, as JSON (WebAuthn, 5.1).',
});
export const secondStep = closed({
  ticket,
  code: Type.Optional(text('One-time code or recovery code.', 40)),
  passkey: Type.Optional(response),
});
export const passkeyOptions = Type.Object({ ticket, options: Type.Unknown() });
export const passkeySignIn = closed({ ticket, passkey: response, remember: Type.Optional(Type.Boolean()) });

export const factorState = Type.Object({
  totp: Type.Boolean(),
  recoveryCodes: Type.Integer({ description: 'Left.' }),
  passkeys: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      rp: Type.String({ description: 'The host name that it is for.' }),
      createdAtMs: time('Made at.'),
      lastUsedAtMs: time('Last used at.'),
    }),
  ),
});
export type FactorAnswer = Static<typeof factorState>;
export const withPassword = closed({ password: Type.String({ maxLength: 1000 }) });
export const totpSetUp = Type.Object({
  secret: Type.String(),
  uri: Type.String({ description: '`otpauth:`' }),
});
export const totpCode = closed({ code: text('Six digits.', 10) });
export const newRecoveryCodes = Type.Object({
  recoveryCodes: Type.Array(Type.String(), { description: 'Told once; empty when there are some already.' }),
});
export const newPasskey = closed({ ticket, passkey: response, name: text('What it is called.', 100) });
export const ownNewPassword = closed({
  current: Type.String({ maxLength: 1000 }),
  password: Type.String({ minLength: 1, maxLength: 1000, description: 'At least 8 characters.' }),
});
