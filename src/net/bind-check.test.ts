import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { canBind } from './bind-check.ts';

test('a port is free, taken, or of an address that this machine does not have', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await canBind('127.0.0.1', port), 'taken');
  server.close();
  await once(server, 'close');
  assert.equal(await canBind('127.0.0.1', port), 'free');
  assert.equal(await canBind('127.0.0.1', port), 'free', 'it was let go of');
  assert.equal(await canBind('192.0.2.1', port), 'noAddress');
});
