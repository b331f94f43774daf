import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidArguments, invalidProperties, SetError } from './method-error.ts';

test('errors of calls and of records say their type, and more where there is more', () => {
  assert.deepEqual(invalidArguments('no').answer, { type: 'invalidArguments', description: 'no' });
  assert.deepEqual(new SetError('notFound').answer, { type: 'notFound' });
  assert.deepEqual(invalidProperties(['name']).answer, { type: 'invalidProperties', properties: ['name'] });
});
