/** What crosses the admin API in answers about addresses and room, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';

export const usage = Type.Object({
  account: Type.String({ description: 'Id.' }),
  name: Type.String({ description: 'Login address.' }),
  usedBytes: Type.Integer(),
  limitBytes: Type.Integer({ description: '0: no limit.' }),
  emails: Type.Integer({ description: 'Messages stored.' }),
});
export type Usage = Static<typeof usage>;

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
          '`rewritten`, `aliasDomain`, `responsible`, `alias`, `group`, `forward`, `catchAll`, `account`, `disabled`, `remote`, `unknown`, `otherOrg`, `again`, `tooDeep`, `tooMany` or `noAddress`.',
      }),
      text: Type.String({ description: 'The step in words.' }),
    }),
  ),
});
export type Explained = Static<typeof explanation>;
