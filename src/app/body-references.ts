/** All columns that name bodies which are files: what the sweep keeps, and what `check` looks for. */
import type { BodyReference } from '../store/references.ts';

export const bodyReferences: readonly BodyReference[] = [
  { table: 'queue_message', column: 'body_file' },
  { table: 'email_body', column: 'body_file' },
];
