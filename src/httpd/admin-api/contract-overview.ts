/** What crosses the admin API for overviews, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { statuses } from '../../events/trace.ts';
import { closed, id, oneOf, time } from './contract.ts';

export const countsQuery = closed({
  days: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 90, description: 'Back from now; 14 unless told.' }),
  ),
  org: Type.Optional(id),
});
const count = Type.Object({
  atMs: time('Beginning of the hour in which the mail was accepted.'),
  status: oneOf(statuses),
  count: Type.Integer({ description: 'Recipients.' }),
});
export const counts = Type.Object({ items: Type.Array(count) });
export type MailCount = Static<typeof count>;
