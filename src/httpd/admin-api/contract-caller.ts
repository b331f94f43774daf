/** Who calls and what they may, their keys, and what was changed by whom, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, oneOf, role, text, time, toldOnce } from './contract.ts';

export const me = Type.Object({
  by: Type.String({ description: '`account:<id>`, `key:<id>` or `cli`.' }),
  address: Type.String({ description: 'Login address, or empty.' }),
  org: Type.String({ description: 'Organisation; empty: all of them.' }),
  permissions: Type.Array(Type.String()),
});
export type Me = Static<typeof me>;

export const roleList = Type.Object({
  items: Type.Array(Type.Object({ role, permissions: Type.Array(Type.String()) })),
});

const names = (description: string) =>
  Type.Optional(Type.Array(text(description, 300), { minItems: 1, maxItems: 50 }));
export const sendLimits = closed({
  streams: names('A stream it may send in; the first one is used when a mail names none.'),
  domains: names('A domain it may send from.'),
  networks: names('A network it may come from.'),
  test: Type.Optional(Type.Literal(true, { description: 'All that it sends goes to the simulator.' })),
});

export const apiKey = Type.Object({
  id,
  org: Type.String({ description: 'Empty: good for all organisations.' }),
  account: Type.String({ description: 'The account whose mail it opens, or empty.' }),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  limits: sendLimits,
  createdBy: Type.String(),
  createdAtMs: time('Made at.'),
  expiresAtMs: time('Ends at.'),
  lastUsedAtMs: time('Last used at, to within five minutes.'),
});
export const newApiKey = closed({
  name: text('What it is for.', 200),
  scopes: Type.Array(text('`all`, a permission (`GET /roles` lists them) or `mail:<service>`.', 40), {
    minItems: 1,
    maxItems: 40,
  }),
  account: Type.Optional(id),
  limits: Type.Optional(sendLimits),
  expiresAtMs: Type.Optional(time('Ends at; 0: never.')),
});
export const shownApiKey = Type.Object({
  ...apiKey.properties,
  key: toldOnce('The key, for `Authorization: Bearer`'),
});
export type ApiKey = Static<typeof apiKey>;

const submitterKind = oneOf(['network', 'certificate']);
export const newSubmitter = closed({
  kind: submitterKind,
  value: text('An address or network, or the SHA-256 fingerprint of a certificate in hex.', 100),
  name: text('What it is for.', 200),
  limits: Type.Optional(sendLimits),
  expiresAtMs: Type.Optional(time('Ends at; 0: never.')),
});
export const submitter = Type.Object({
  id,
  org: id,
  kind: submitterKind,
  value: Type.String(),
  name: Type.String(),
  limits: sendLimits,
  createdBy: Type.String(),
  createdAtMs: time('Made at.'),
  expiresAtMs: time('Ends at.'),
});
export type SubmitterItem = Static<typeof submitter>;
export const submitterList = Type.Object({ items: Type.Array(submitter) });

export const auditRecord = Type.Object({
  atMs: time('When.'),
  id: Type.String(),
  org: Type.String(),
  by: Type.String(),
  ip: Type.String(),
  action: Type.String({ description: '`account.create`, `domain.delete`, …' }),
  subject: Type.String(),
  detail: Type.Unknown(),
});
export type AuditRecord = Static<typeof auditRecord>;
