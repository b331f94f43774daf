/** Every operation of the program, for the storage threads and for PostgreSQL: one list per part. */
import { operations as certificate } from '../certificate/operations.ts';
import { operations as contact } from '../contact/operations.ts';
import { operations as delivery } from '../delivery/operations.ts';
import { operations as directory } from '../directory/operations.ts';
import { operations as events } from '../events/operations.ts';
import { operations as mailbox } from '../mailbox/operations.ts';
import { operations as parcel } from '../parcel/operations.ts';
import { operations as policy } from '../policy/operations.ts';
import { operations as profile } from '../profile/operations.ts';
import { operations as queue } from '../queue/operations.ts';
import { operations as relay } from '../relay/operations.ts';
import { operations as reporting } from '../reporting/operations.ts';
import { operations as shaping } from '../shaping/operations.ts';
import { operations as webhook } from '../webhook/operations.ts';
import { operations as sieve } from '../sieve/operations.ts';
import { operations as suppression } from '../suppression/operations.ts';
import type { AnyOperation } from '../store/operation.ts';

export const operations: readonly AnyOperation[] = [
  ...events,
  ...directory,
  ...mailbox,
  ...queue,
  ...sieve,
  ...contact,
  ...profile,
  ...delivery,
  ...certificate,
  ...reporting,
  ...relay,
  ...policy,
  ...shaping,
  ...webhook,
  ...suppression,
  ...parcel,
];
