/** Events of the log as they happen (SSE). What they touch is read again, not more than once in a while. */
import { useEffect, useRef, useState } from 'react';
import { adminBase } from './client.ts';

const notMoreThanMs = 1000;

/** Gives whether the stream is open. */
export function useLiveEvents(onEvents: () => void): boolean {
  const [live, setLive] = useState(false);
  const latest = useRef(onEvents);
  latest.current = onEvents;
  useEffect(() => {
    const source = new EventSource(`${adminBase}/log/stream`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    source.addEventListener('open', () => setLive(true));
    source.addEventListener('error', () => setLive(false));
    source.addEventListener('message', () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current();
      }, notMoreThanMs);
    });
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, []);
  return live;
}
