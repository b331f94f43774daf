import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleConnections } from './idle.ts';

test('of idle connections the one that has been idle longest ends when there are too many', () => {
  const idle = new IdleConnections<string>(2);
  const ended: string[] = [];
  const add = (name: string): void => idle.add(name, () => ended.push(name));
  add('a');
  add('b');
  add('a');
  add('c');
  assert.deepEqual(ended, ['b']);
  idle.delete('a');
  add('d');
  assert.deepEqual(ended, ['b']);
  assert.equal(idle.size, 2);
});
