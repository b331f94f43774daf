import { describe } from 'node:test';
import { contactsContract } from './contract/contacts.ts';
import { openContactStore } from './testing.ts';

describe('contacts on SQLite', () => contactsContract({ open: openContactStore }));
