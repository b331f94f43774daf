/** IDLE (RFC 2177): changes are told as they come, until DONE. What had happened before is told at once, behind the "+". Keep-alives and the time limit are the server's sweep's. */
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import type { LoggedIn } from './run.ts';

export async function idle(session: LoggedIn): Promise<Outcome> {
  const listening = session.selected?.messages.onPending(() => session.tellBetweenCommands());
  const stop = (): void => {
    session.setIdling(false);
    listening?.[Symbol.dispose]();
  };
  session.setIdling(true);
  return {
    is: 'ask',
    text: 'idling',
    stop,
    onLine: async (line) => {
      stop();
      if (line.trim().toUpperCase() !== 'DONE') throw bad('Expected DONE');
      return undefined;
    },
  };
}
