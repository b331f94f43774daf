import { describePostgres } from '../../test/test-postgres.ts';
import { profileContract } from './contract.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

describePostgres('profiles on PostgreSQL', (open) => profileContract(() => open({ migrations, operations })));
