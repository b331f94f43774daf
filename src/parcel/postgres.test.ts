import { describePostgres } from '../../test/test-postgres.ts';
import { parcelContract } from './contract.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

describePostgres('files by link on PostgreSQL', (open) =>
  parcelContract(() => open({ migrations, operations })),
);
