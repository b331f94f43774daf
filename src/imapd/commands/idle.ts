/** IDLE (RFC 2177): changes are told as they come, until DONE. Keep-alives and the time limit are the server's sweep's. */
import type { Outcome } from '../outcome.ts';
import { bad } from '../replies.ts';
import { renewRights } from './current-rights.ts';
import type { LoggedIn } from './run.ts';
import { sendUpdates } from '../updates.ts';

export async function idle(session: LoggedIn): Promise<Outcome> {
  const { selected } = session;
  let telling: Promise<void> | undefined;
  const tell = (): void => {
    if (selected === undefined || telling !== undefined) return;
    if (selected.messages.gone) return session.bye('NONEXISTENT', 'The selected mailbox was deleted');
    telling = renewRights(session)
      .then(async (may) => {
        if (may) await sendUpdates(session, selected, { expunge: true });
        else stopListening();
      })
      .then(
        () => session.out.flush(),
        () => session.connection.destroy('lost while idle'),
      )
      .finally(() => {
        telling = undefined;
        if (listening !== undefined && selected.messages.pending) tell();
      });
  };
  let listening = selected?.messages.onPending(tell);
  const stopListening = (): void => {
    listening?.[Symbol.dispose]();
    listening = undefined;
  };
  const stop = (): void => {
    session.setIdling(false);
    stopListening();
  };
  session.setIdling(true);
  // What had happened before the command is told at once, behind the "+".
  if (selected?.messages.pending) setImmediate(tell);
  return {
    is: 'ask',
    text: 'idling',
    stop,
    onLine: async (line) => {
      stop();
      await telling;
      if (line.trim().toUpperCase() !== 'DONE') throw bad('Expected DONE');
      return undefined;
    },
  };
}
