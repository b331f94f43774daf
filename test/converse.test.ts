import assert from 'node:assert/strict';
import { duplexPair, type Duplex } from 'node:stream';
import { test } from 'node:test';
import { converse } from './converse.ts';

/** Answers each line in capitals; "bye" closes. */
function shouting(): Duplex {
  const [client, server] = duplexPair();
  server.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    if (text === 'bye\r\n') server.end();
    else server.write(text.toUpperCase());
  });
  return client;
}

test('a conversation that goes as written passes, with wildcards, skipping, raw bytes and the end', async () => {
  await converse(
    shouting(),
    `
    # a remark
    C: hello there
    S: HELLO ...
    C~ a\\r\\nb\\r\\n
    S* B
    C: bye
    S(closed)
  `,
  );
});

test('a surprise fails with the conversation so far', async () => {
  await assert.rejects(
    converse(shouting(), 'C: one\nS: ONE\nC: two\nS: THREE'),
    /C: one\nS: ONE\nC: two\nexpected {2}S: THREE\nreceived {2}TWO/,
  );
});

test('several clients speak in turn', async () => {
  const pair = { 1: shouting(), alice: shouting() };
  await converse(pair, '1C: a\nalice C: b\n1S: A\nalice S: B');
});

test('a server that falls silent fails the conversation, also where lines are passed over', async () => {
  const [client, server] = duplexPair();
  server.write('* A\r\n');
  await assert.rejects(converse(client, 'S* B'), /received {2}\(nothing for/);
});
