/**
 * What crosses the admin API, as schemas: they check what comes in, describe it in OpenAPI, and give the types that the browser uses
 * (`import type` only). Times are milliseconds since 1970; 0 stands for never.
 */
import * as Type from 'typebox';
import type { Static, TObject, TProperties, TSchema } from 'typebox';

/** A closed object: unknown fields are errors, not silently dropped. */
const closed = <T extends TProperties>(fields: T): TObject<T> =>
  Type.Object(fields, { additionalProperties: false });

export const oneOf = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Unsafe<T[number]>({
    type: 'string',
    enum: [...values],
    ...(description === undefined ? {} : { description }),
  });

type Absent<T, K extends keyof T> = Partial<Pick<T, K>> extends Pick<T, K> ? undefined : never;

/** What a handler may give for a schema: the same, read-only, and with `undefined` for what is absent. */
export type Given<T> = T extends readonly (infer U)[]
  ? readonly Given<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Given<T[K]> | Absent<T, K> }
    : T;

/** The schema of an answer. */
export const answer = <S extends TSchema>(schema: S) => Type.Unsafe<Given<Static<S>>>(schema);

/** 204: done, and nothing to tell. */
export const nothing = Type.Unsafe<void>({ type: 'null', description: 'Done.' });

const text = (description: string, maxLength = 1000) => Type.String({ description, maxLength });
const time = (description: string) => Type.Integer({ description, minimum: 0 });
const id = text('Id, as given when it was made.', 40);

const role = oneOf(['owner', 'admin', 'developer', 'marketer', 'support', 'user']);
export const language = oneOf(['en', 'ja'], 'Language of notices and of the console.');
const service = oneOf(['smtp', 'imap', 'pop3', 'lmtp', 'http', 'managesieve']);

export const problem = Type.Object(
  {
    type: Type.String({ description: '`urn:hikyaku:problem:` and the reason.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          at: Type.String({ description: 'Dotted path of the field at fault.' }),
          detail: Type.String(),
        }),
      ),
    ),
  },
  { description: 'RFC 9457 problem details.' },
);
export type Problem = Static<typeof problem>;

export const pageQuery = closed({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, description: 'Items of a page; 50 unless told.' }),
  ),
  cursor: Type.Optional(text('`next` of the page before.')),
  q: Type.Optional(text('Only items with this in their name.', 200)),
});

export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'Cursor of the next page; absent on the last.' })),
  });

export const me = Type.Object({
  by: Type.String({ description: '`account:<id>`, `key:<id>` or `cli`.' }),
  address: Type.String({ description: 'Login address, or empty.' }),
  org: Type.String({ description: 'Organisation; empty: all of them.' }),
  permissions: Type.Array(Type.String()),
});
export type Me = Static<typeof me>;

export const org = Type.Object({
  id,
  name: Type.String(),
  language,
  operator: Type.Boolean({ description: 'Runs this server: its owners and admins see every organisation.' }),
  createdAtMs: time('Made at.'),
});
export const newOrg = closed({
  name: text('Name for people.', 200),
  language: Type.Optional(language),
  operator: Type.Optional(Type.Boolean()),
});
export const orgEdit = Type.Partial(newOrg, { additionalProperties: false });
export type Org = Static<typeof org>;

const separators = text('Characters that begin a subaddress (`user+tag`); empty: none.', 4);
const catchAll = text(
  'Address that gets mail for addresses that do not exist; empty: such mail is refused.',
  400,
);
const legacyLocalParts = Type.Boolean({ description: 'Addresses like `a..b` and `a.` may be made.' });
const mtaSts = oneOf(
  ['', 'none', 'testing', 'enforce'],
  'Mode of the MTA-STS policy that is served for the domain; empty: that of the settings.',
);
const bimiLogo = text('URL (https) of the logo that mailers may show; empty: none.', 500);
export const domain = Type.Object({
  name: Type.String({ description: 'A-labels in lower case.' }),
  unicodeName: Type.String({ description: 'The name for people.' }),
  org: id,
  aliasOf: Type.String({
    description: 'The domain whose addresses are this one’s too; empty: a domain of its own.',
  }),
  separators,
  catchAll,
  legacyLocalParts,
  caseSensitive: Type.Boolean({ description: 'Local parts differ by case.' }),
  mtaSts,
  bimiLogo,
  createdAtMs: time('Made at.'),
});
export const newDomain = closed({
  name: text('Domain, in Unicode or A-labels.', 300),
  aliasOf: Type.Optional(text('Another domain of the organisation.', 300)),
  separators: Type.Optional(separators),
  catchAll: Type.Optional(catchAll),
  legacyLocalParts: Type.Optional(legacyLocalParts),
  caseSensitive: Type.Optional(Type.Boolean()),
  mtaSts: Type.Optional(mtaSts),
  bimiLogo: Type.Optional(bimiLogo),
});
export const domainEdit = closed({
  separators: Type.Optional(separators),
  catchAll: Type.Optional(catchAll),
  legacyLocalParts: Type.Optional(legacyLocalParts),
  mtaSts: Type.Optional(mtaSts),
  bimiLogo: Type.Optional(bimiLogo),
});
export type Domain = Static<typeof domain>;

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
const toldOnce = (what: string) => Type.String({ description: `${what}: told once, not kept.` });
export const shownAppPassword = Type.Object({
  ...appPassword.properties,
  password: toldOnce('The password'),
});
export type AppPassword = Static<typeof appPassword>;

const targets = (maxItems: number) => Type.Array(text('Address, here or elsewhere.', 400), { maxItems });
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

export const route = Type.Object({
  address: Type.String(),
  org: id,
  kind: oneOf(['alias', 'group', 'forward']),
  displayName: Type.String(),
  targets: Type.Array(Type.String()),
  createdAtMs: time('Made at.'),
});
export const routeEdit = closed({
  targets: targets(2000),
  displayName: Type.Optional(text('Name for people.', 200)),
});
export const newRoute = closed({ address: text('The new address.', 400), ...routeEdit.properties });
export type Route = Static<typeof route>;

const where = oneOf(['envelope', 'header', 'both'], 'Where it is applied; both unless told.');
export const direction = oneOf(
  ['in', 'out'],
  '`in`: recipients of mail that comes in; `out`: senders of mail that goes out.',
);
export const rewrite = Type.Object({
  direction,
  from: Type.String(),
  org: id,
  to: Type.String(),
  where,
  createdAtMs: time('Made at.'),
});
export const rewriteEdit = closed({
  to: text('Address, or `@domain` to change the domain only.', 400),
  where: Type.Optional(where),
});
export type Rewrite = Static<typeof rewrite>;

export const apiKey = Type.Object({
  id,
  org: Type.String({ description: 'Empty: good for all organisations.' }),
  account: Type.String({ description: 'The account whose mail it opens, or empty.' }),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
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
  expiresAtMs: Type.Optional(time('Ends at; 0: never.')),
});
export const shownApiKey = Type.Object({
  ...apiKey.properties,
  key: toldOnce('The key, for `Authorization: Bearer`'),
});
export type ApiKey = Static<typeof apiKey>;

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

export const roleList = Type.Object({
  items: Type.Array(Type.Object({ role, permissions: Type.Array(Type.String()) })),
});

const lastAnswer = Type.Object({
  phase: Type.String(),
  host: Type.String(),
  reply: Type.String(),
  atMs: time('When.'),
});
export const queueFilter = closed({
  message: Type.Optional(id),
  destination: Type.Optional(text('Domain.', 300)),
  sender: Type.Optional(text('Exact address, or `@domain`.', 400)),
  recipient: Type.Optional(text('Exact address, or `@domain`.', 400)),
  org: Type.Optional(id),
  campaign: Type.Optional(text('Campaign.', 200)),
  state: Type.Optional(oneOf(['waiting', 'held'])),
});
export const queueQuery = closed({
  ...queueFilter.properties,
  limit: pageQuery.properties.limit,
  cursor: pageQuery.properties.cursor,
});
export const queueDestination = Type.Object({
  destination: Type.String(),
  waiting: Type.Integer(),
  held: Type.Integer(),
  oldestAtMs: time('Oldest accepted at.'),
  nextTryAtMs: time('Next try of any.'),
  last: Type.Optional(lastAnswer),
});
export const queueEntry = Type.Object({
  id: Type.String(),
  message: Type.String(),
  org: Type.String(),
  sender: Type.String(),
  recipient: Type.String(),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  destination: Type.String(),
  state: oneOf(['waiting', 'held']),
  acceptedAtMs: time('Accepted at.'),
  nextTryAtMs: time('Next try at.'),
  tries: Type.Integer(),
  last: Type.Optional(lastAnswer),
});
export const queueMessage = Type.Object({ message: Type.Unknown(), entries: Type.Array(queueEntry) });
export const queueAction = oneOf(['hold', 'release', 'retry', 'delete']);
export const queueCount = Type.Object({
  count: Type.Integer({ description: 'Recipients that were changed.' }),
});
export type QueueEntry = Static<typeof queueEntry>;
export type QueueDestination = Static<typeof queueDestination>;

export const journeyStep = Type.Object({
  seq: Type.Integer(),
  atMs: time('When.'),
  is: Type.String(),
  sinceStartMs: Type.Integer(),
  recipient: Type.String(),
  headline: Type.String(),
  details: Type.Array(Type.String()),
  mood: oneOf(['good', 'neutral', 'waiting', 'bad']),
});
export const journey = Type.Union([
  Type.Object({
    is: Type.Literal('message'),
    message: Type.String(),
    steps: Type.Array(journeyStep),
    events: Type.Array(Type.Unknown()),
  }),
  Type.Object({
    is: Type.Literal('several'),
    found: Type.Array(Type.Object({ message: Type.String(), at: time('Last heard of.') })),
  }),
]);
export const journeyQuery = closed({
  q: text('Message id of the 250 reply, Message-ID, or an address.', 1000),
  language: Type.Optional(language),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
export type JourneyStep = Static<typeof journeyStep>;
export type Journey = Static<typeof journey>;

export const logQuery = closed({
  last: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1000, description: 'The newest so many; 50 unless told.' }),
  ),
});
export const streamQuery = closed({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of the last event that was seen.' })),
});
export const events = Type.Object({ items: Type.Array(Type.Unknown()) });

export const readiness = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
});
export type Readiness = Static<typeof readiness>;
export const stats = Type.Object({
  values: Type.Record(Type.String(), Type.Number(), { description: 'Numbers by name.' }),
});
