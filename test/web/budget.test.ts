/** What the first look at the page costs: everything the browser loads before somebody can sign in, and before the console stands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotBrowse, World } from './world.ts';

/** Bytes on the wire, compressed. */
const shellMaxBytes = 250_000;

test('the shell is below 250 KB, and charts come only with the pages that have them', {
  skip: cannotBrowse,
}, async () => {
  await using world = await World.open();
  await using visitor = await world.visitor();
  let bytes = 0;
  const loaded: string[] = [];
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('Network.enable');
  session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  visitor.page.on('response', (response) => loaded.push(new URL(response.url()).pathname));
  await visitor.page.goto('/sign-in');
  await visitor.page.waitForLoadState('networkidle');
  assert.equal(bytes < shellMaxBytes, true, `${bytes} bytes: ${loaded.join(' ')}`);
  assert.equal(
    loaded.some((path) => /Bars/.test(path)),
    false,
  );
});
