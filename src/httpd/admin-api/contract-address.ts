/** Addresses that lead to others, and what happens to mail for an address, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, oneOf, targets, text, time } from './contract.ts';

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

export const explanation = Type.Object({
  asked: Type.String(),
  verdict: Type.String({
    description:
      '`taken`, `relayed` (not ours: taken from our own users only), `unknown`, `disabled`, `loop`, `otherOrg` or `notAnAddress`.',
  }),
  summary: Type.String({ description: 'The verdict in words.' }),
  steps: Type.Array(
    Type.Object({
      depth: Type.Integer({ description: '0 for the address itself, 1 for what it leads to, and so on.' }),
      address: Type.String(),
      is: Type.String({
        description:
          '`rewritten`, `aliasDomain`, `responsible`, `alias`, `group`, `forward`, `catchAll`, `returnPath`, `account`, `disabled`, `remote`, `unknown`, `otherOrg`, `again`, `tooDeep`, `tooMany` or `noAddress`.',
      }),
      text: Type.String({ description: 'The step in words.' }),
    }),
  ),
});
export type Explained = Static<typeof explanation>;
