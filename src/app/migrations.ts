/** The schema of the whole program: the numbered steps of each part. */
import { migrations as certificate } from '../certificate/migrations.ts';
import { migrations as contact } from '../contact/migrations.ts';
import { migrations as delivery } from '../delivery/migrations.ts';
import { migrations as directory } from '../directory/migrations.ts';
import { migrations as events } from '../events/migrations.ts';
import { migrations as mailbox } from '../mailbox/migrations.ts';
import { migrations as parcel } from '../parcel/migrations.ts';
import { migrations as policy } from '../policy/migrations.ts';
import { migrations as profile } from '../profile/migrations.ts';
import { migrations as queue } from '../queue/migrations.ts';
import { migrations as relay } from '../relay/migrations.ts';
import { migrations as reporting } from '../reporting/migrations.ts';
import { migrations as shaping } from '../shaping/migrations.ts';
import { migrations as webhook } from '../webhook/migrations.ts';
import { migrations as sieve } from '../sieve/migrations.ts';
import { migrations as suppression } from '../suppression/migrations.ts';
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
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
