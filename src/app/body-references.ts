/** All columns that name bodies which are files: what the sweep keeps, and what `check` looks for. */
import { bodyReferences as mailbox } from '../mailbox/migrations.ts';
import { bodyReferences as parcel } from '../parcel/migrations.ts';
import { bodyReferences as queue } from '../queue/migrations.ts';
import { bodyReferences as sieve } from '../sieve/migrations.ts';
import type { BodyReference } from '../store/references.ts';

export const bodyReferences: readonly BodyReference[] = [...queue, ...mailbox, ...sieve, ...parcel];
