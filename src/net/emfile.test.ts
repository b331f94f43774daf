import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { sleep, systemClock } from '../base/clock.ts';

const program = `
  const { listen } = await import(${JSON.stringify(new URL('./listener.ts', import.meta.url).href)});
  const { systemClock: clock } = await import(${JSON.stringify(new URL('../base/clock.ts', import.meta.url).href)});
  const onProblem = (problem) => console.log(problem.is, problem.detail);
  const listener = await listen({ host: '127.0.0.1', port: 0, clock, onProblem }, (connection) => {
    connection.onData((chunk) => connection.write(chunk));
  });
  console.log('port', listener.address.port);
  process.stdin.resume().on('end', () => process.exit());
`;

test('without descriptors left newcomers are closed, nobody else is harmed, and later ones are served again', async () => {
  const child = spawn('bash', [
    '-c',
    'ulimit -n 64; exec "$0" "$@"',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]);
  const lines: string[] = [];
  const output = createInterface(child.stdout);
  output.on('line', (line) => lines.push(line));
  const sockets: Socket[] = [];
  try {
    await once(output, 'line');
    const port = Number(lines[0]!.split(' ')[1]);
    const first = connect({ host: '127.0.0.1', port });
    sockets.push(first);
    const closed: number[] = [];
    for (let i = 0; i < 100; i++) {
      const socket = connect({ host: '127.0.0.1', port }).on('error', () => undefined);
      sockets.push(socket.on('close', () => closed.push(i)).resume());
    }
    for (let i = 0; i < 200 && closed.length < 20; i++) await sleep(systemClock, 10);
    assert(closed.length >= 20, `${closed.length} were closed`);
    first.write('and I?');
    const [served] = (await once(first, 'data')) as [Buffer];
    assert.equal(served.toString(), 'and I?');
    for (const socket of sockets) socket.destroy();
    await sleep(systemClock, 50);
    const again = connect({ host: '127.0.0.1', port });
    sockets.push(again);
    again.write('still here');
    const [echo] = (await once(again, 'data')) as [Buffer];
    assert.equal(echo.toString(), 'still here');
  } finally {
    for (const socket of sockets) socket.destroy();
    child.stdin.end();
    await once(child, 'close');
  }
});
