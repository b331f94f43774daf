/** Accounts: their passwords, how they are read, and how full they are, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, language, oneOf, role, targets, text, time, toldOnce } from './contract.ts';

const service = oneOf(['smtp', 'imap', 'pop3', 'lmtp', 'http', 'managesieve']);

const quotaBytes = Type.Integer({ minimum: 0, description: 'Room for mail; 0: no limit.' });
export const account = Type.Object({
  id,
  org: id,
  name: Type.String({ description: 'Login address.' }),
  displayName: Type.String(),
  language,
  quotaBytes,
  roles: Type.Array(role),
  disabled: Type.Boolean({ description: 'Cannot log in, gets no mail.' }),
  createdAtMs: time('Made at.'),
  version: Type.Integer({ description: 'Grows with each change; the ETag.' }),
});
const password = Type.String({ minLength: 1, maxLength: 1000, description: 'At least 8 characters.' });
export const newAccount = closed({
  name: text('Login address.', 400),
  password: Type.Optional(password),
  displayName: Type.Optional(text('Name for people.', 200)),
  language: Type.Optional(language),
  quotaBytes: Type.Optional(quotaBytes),
  roles: Type.Optional(Type.Array(role, { maxItems: 6 })),
  disabled: Type.Optional(Type.Boolean()),
});
export const accountEdit = closed({
  displayName: Type.Optional(text('Name for people.', 200)),
  language: Type.Optional(language),
  quotaBytes: Type.Optional(quotaBytes),
  roles: Type.Optional(Type.Array(role, { maxItems: 6 })),
  disabled: Type.Optional(Type.Boolean()),
});
export const renaming = closed({
  name: text('New login address.', 400),
  keepOld: Type.Optional(Type.Boolean({ description: 'The old address stays as an alias (default).' })),
});
export const newPassword = closed({ password });
export type Account = Static<typeof account>;

export const appPassword = Type.Object({
  id,
  account: id,
  name: Type.String(),
  services: Type.Array(service, { description: 'What it opens; empty: everything.' }),
  createdAtMs: time('Made at.'),
  expiresAtMs: time('Ends at.'),
  lastUsedAtMs: time('Last used at, to within five minutes.'),
  lastUsedIp: Type.String(),
  lastUsedService: Type.String(),
});
export const newAppPassword = closed({
  name: text('What it is for.', 200),
  services: Type.Optional(Type.Array(service, { maxItems: 6 })),
  expiresAtMs: Type.Optional(time('Ends at; 0: never.')),
});
export const shownAppPassword = Type.Object({
  ...appPassword.properties,
  password: toldOnce('The password'),
});
export type AppPassword = Static<typeof appPassword>;

export const accountForward = closed({ targets: targets(50), keepCopy: Type.Boolean() });
export const sendAs = closed({
  addresses: Type.Array(text('Address, or `@domain` for all of a domain.', 400), { maxItems: 100 }),
});

const capability = Type.String({ pattern: '^[A-Za-z0-9=+-]{1,60}$' });
/** How the account is read. 0 days and an empty name: as for everybody. */
export const accountAccess = closed({
  imapWithout: Type.Array(capability, {
    maxItems: 100,
    description: 'IMAP capabilities that it is not offered.',
  }),
  imapWith: Type.Array(oneOf(['UIDONLY']), {
    maxItems: 10,
    description: 'IMAP capabilities that it alone is offered.',
  }),
  transcriptUntilMs: time(
    'Its conversations are written down until then, without secrets and mail; 0: they are not.',
  ),
  pop3Mailbox: text('The mailbox that POP3 shows; empty: INBOX.', 1000),
  pop3Days: Type.Integer({ minimum: 0, maximum: 36_500, description: 'POP3 shows so many days; 0: all.' }),
  pop3Expire: Type.Union([Type.Integer({ minimum: 0, maximum: 36_500 }), Type.Null()], {
    description: 'Days after which mail that POP3 retrieved is deleted; null: never.',
  }),
});
export type AccountAccess = Static<typeof accountAccess>;

export const usage = Type.Object({
  account: Type.String({ description: 'Id.' }),
  name: Type.String({ description: 'Login address.' }),
  usedBytes: Type.Integer(),
  limitBytes: Type.Integer({ description: '0: no limit.' }),
  emails: Type.Integer({ description: 'Messages stored.' }),
});
export type Usage = Static<typeof usage>;

export const newInvitation = closed({
  to: Type.Optional(
    text('Where the person reads mail now; absent: nothing is sent, the link is told alone.', 400),
  ),
  days: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 30, description: 'Days that the link is good for; 3 unless told.' }),
  ),
});
export const invitation = Type.Object({
  link: toldOnce('The link with which the password is chosen'),
  untilMs: time('Good until.'),
  sent: Type.Boolean({ description: 'It was sent by mail.' }),
});
export type MadeInvitation = Static<typeof invitation>;
