import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FrameError, FrameReader, frameStart, headMaxBytes } from './frames.ts';

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<[unknown, string][]> {
  const reader = new FrameReader(stream);
  const found: [unknown, string][] = [];
  for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
    const body: Buffer[] = [];
    for await (const piece of reader.body()) body.push(piece);
    found.push([frame.head, Buffer.concat(body).toString('latin1')]);
  }
  return found;
}

test('frames come out as they went in, however the stream is cut into chunks', async () => {
  const frame = fc.tuple(fc.string(), fc.string({ maxLength: 200 }));
  await fc.assert(
    fc.asyncProperty(fc.array(frame), fc.array(fc.nat(9), { maxLength: 300 }), async (frames, sizes) => {
      const bytes = frames.flatMap(([head, body]) => {
        const content = Buffer.from(body);
        return [frameStart({ head }, content.length), content];
      });
      const want = frames.map(([head, body]) => [{ head }, Buffer.from(body).toString('latin1')]);
      assert.deepEqual(await readAll(pieces(Buffer.concat(bytes), sizes)), want);
    }),
    { numRuns: 50 },
  );
});

test('bytes that nobody reads are passed over', async () => {
  const stream = Buffer.concat([frameStart(1, 3), Buffer.from('abc'), frameStart(2, 0)]);
  const reader = new FrameReader(pieces(stream, [5]));
  assert.deepEqual(
    [await reader.next(), await reader.next(), await reader.next()],
    [{ head: 1, sizeBytes: 3 }, { head: 2, sizeBytes: 0 }, undefined],
  );
});

test('what is cut off, too long or no JSON is an error', async () => {
  const whole = Buffer.concat([frameStart({ a: 1 }, 3), Buffer.from('abc')]);
  for (let end = 1; end < whole.length; end++)
    await assert.rejects(readAll(pieces(whole.subarray(0, end), [])), FrameError, `${end}`);
  await assert.rejects(readAll(pieces(Buffer.from('0000000141', 'hex'), [])), FrameError);
  await assert.rejects(readAll(pieces(Buffer.from('ffffffff', 'hex'), [])), FrameError);
  assert.throws(() => frameStart('x'.repeat(headMaxBytes), 0), FrameError);
});
