/** Organisations and domains, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, language, oneOf, text, time } from './contract.ts';

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
