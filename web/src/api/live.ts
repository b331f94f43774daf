/** What the server tells as it happens (SSE): events of the log, and rows of the queue. */
import { useEffect, useRef, useState } from 'react';
import type { QueueRow } from '../../../src/httpd/admin-api/contract-operator.ts';
import type { Language } from '../words.ts';
import { adminBase } from './client.ts';

const notMoreThanMs = 1000;

/** What events touch is read again, not more than once in a while. Gives whether the stream is open. */
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

const rowsMax = 100;

/** Rows of the queue as a stream tells them every two seconds, and whether the stream is open. */
export function useQueueRows(language: Language): {
  readonly items: readonly QueueRow[] | undefined;
  readonly live: boolean;
} {
  const [items, setItems] = useState<readonly QueueRow[] | undefined>();
  const [live, setLive] = useState(false);
  useEffect(() => {
    const source = new EventSource(`${adminBase}/queue/rows/stream?limit=${rowsMax}&language=${language}`);
    source.addEventListener('open', () => setLive(true));
    source.addEventListener('error', () => setLive(false));
    source.addEventListener('message', ({ data }: MessageEvent<string>) =>
      setItems((JSON.parse(data) as { items: readonly QueueRow[] }).items),
    );
    return () => source.close();
  }, [language]);
  return { items, live };
}
