/**
 * Live control of a sink, a line protocol on a loopback port: a command a line, an answer of one line of JSON.
 *
 *   report            what came so far
 *   providers         the providers as they are now
 *   scenario NAME     another scenario for the providers that run
 *   set {…}           changes of one provider: {"name":"gmail","faults":[…]}
 *
 * There is no login: whoever is on this machine may tell a practice run what to do. It never listens anywhere else.
 */
import type { Clock } from '../base/clock.ts';
import { isLoopback } from '../net/address-block.ts';
import type { Connection, Endpoint } from '../net/connection.ts';
import { listen, type Listener } from '../net/listener.ts';

/** What is done; an Error becomes its message. */
export type Tell = (command: string, argument: string) => unknown;

const lineMaxBytes = 1_048_576;
const idleMs = 600_000;
const connectionsMax = 16;

export async function listenForControl({ ip, port }: Endpoint, clock: Clock, tell: Tell): Promise<Listener> {
  if (!isLoopback(ip)) throw new Error(`${ip} is no loopback address`);
  return listen({ host: ip, port, clock, connectionsMax }, (connection) => converse(connection, tell));
}

function converse(connection: Connection, tell: Tell): void {
  let text = '';
  connection.setIdle(idleMs);
  connection.onClose(() => undefined);
  connection.onData((chunk) => {
    text += chunk.toString('utf8');
    if (text.length > lineMaxBytes) return connection.destroy('line too long');
    const lines = text.split('\n');
    text = lines.pop()!;
    for (const line of lines)
      connection.write(Buffer.from(`${JSON.stringify(answered(line.trim(), tell))}\r\n`));
  });
}

function answered(line: string, tell: Tell): unknown {
  const [, command = '', argument = ''] = /^(\S*)\s*(.*)$/s.exec(line) ?? [];
  try {
    return tell(command, argument) ?? { done: true };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
