import { describePostgres } from '../../test/test-postgres.ts';
import { contactsContract } from './contract/contacts.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

describePostgres('contacts on PostgreSQL', (open) =>
  contactsContract({ open: () => open({ migrations, operations }) }),
);
