/** What crosses the admin API about DKIM keys, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { dkimAlgorithms, dkimStates } from '../../directory/dkim-key.ts';
import { oneOf } from './contract.ts';

const time = (description: string) => Type.Integer({ description, minimum: 0 });

export const dkimKey = Type.Object({
  selector: Type.String(),
  algorithm: oneOf(dkimAlgorithms),
  state: oneOf(
    dkimStates,
    '`prepared`: waits for its record in DNS. `published`: waits until caches have it. `active`: signs. `retiring`: signs no more, but its record must stay. `removed`: its record may go.',
  ),
  name: Type.String({ description: 'Name of its TXT record.' }),
  record: Type.String({ description: 'Text of its TXT record.' }),
  createdAtMs: time('Made at.'),
  sinceMs: time('In this state since.'),
  seenAtMs: time('When its record was first seen in DNS; 0: not yet.'),
});
export type DkimKeyAnswer = Static<typeof dkimKey>;

export const dkimKeys = Type.Object({ items: Type.Array(dkimKey, { description: 'The newest first.' }) });

export const dkimRotation = Type.Object(
  {
    algorithms: Type.Optional(
      Type.Array(oneOf(dkimAlgorithms), { description: 'Of these alone; all unless told.', maxItems: 2 }),
    ),
  },
  { additionalProperties: false },
);

export const importedDkimKey = Type.Object(
  {
    selector: Type.String({ maxLength: 63 }),
    privateKey: Type.String({ description: 'PEM: RSA or Ed25519.', maxLength: 10_000 }),
  },
  { additionalProperties: false },
);

export const exportedDkimKey = Type.Object({
  selector: Type.String(),
  privateKey: Type.String({ description: 'PEM (PKCS #8).' }),
});
