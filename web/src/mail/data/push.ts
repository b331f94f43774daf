/** Hears of changes as they happen (RFC 8620, 7.3) and has what is on view read again; where that cannot be heard, it is read again now and then. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Id } from '../jmap/types.ts';

const pollMs = 30_000;
/** Several changes of one moment are read once. */
const gatherMs = 150;

export function usePush(account: Id): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let heard = false;
    const readAgain = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void client.invalidateQueries({ queryKey: ['mail', account] }), gatherMs);
    };
    const source = new EventSource('/jmap/eventsource?types=Email,Mailbox,Thread&closeafter=no&ping=60');
    source.addEventListener('state', readAgain);
    source.addEventListener('open', () => {
      // What happened while nobody listened.
      if (heard) readAgain();
      heard = true;
    });
    const polling = setInterval(() => {
      if (source.readyState !== EventSource.OPEN && !document.hidden) readAgain();
    }, pollMs);
    return () => {
      source.close();
      clearInterval(polling);
      clearTimeout(timer);
    };
  }, [account, client]);
}
