import { describe } from 'node:test';
import { openTestStore } from '../store/testing.ts';
import { parcelContract } from './contract.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

describe('files by link on SQLite', () => parcelContract(() => openTestStore({ migrations, operations })));
