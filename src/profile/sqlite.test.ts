import { describe } from 'node:test';
import { openTestStore } from '../store/testing.ts';
import { profileContract } from './contract.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

describe('profiles on SQLite', () => profileContract(() => openTestStore({ migrations, operations })));
