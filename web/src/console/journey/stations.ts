/** The stations of a mail's journey to one recipient, read from its events: what the line is drawn from. */
import type { MailEvent } from '../../../../src/httpd/admin-api/contract-mail.ts';
import type { Mood } from '../../parts/Mark.tsx';

export type StationName = 'submitted' | 'judged' | 'signed' | 'waiting' | 'mx' | 'tls' | 'handed' | 'placed';

export interface Station {
  readonly name: StationName;
  /** `ahead`: the mail has not been there yet. */
  readonly mood: Mood | 'ahead';
  readonly atMs: number;
  /** Words keys with values, for the line below the name: most telling fact. */
  readonly fact: string;
  /** Events that belong to it. */
  readonly seqs: readonly number[];
}

export type LedgerEvent = MailEvent & { readonly seq: number };

/** Events of the whole message, and those of this recipient. */
export function eventsFor(events: readonly LedgerEvent[], recipient: string): readonly LedgerEvent[] {
  return events.filter((event) => {
    if (event.is === 'attempted') return event.data.recipients.includes(recipient);
    return event.recipient === '' || event.recipient === recipient;
  });
}

export function recipientsOf(events: readonly LedgerEvent[]): readonly string[] {
  const named = events.flatMap((event) =>
    event.is === 'accepted' ? [...event.data.recipients] : event.recipient === '' ? [] : [event.recipient],
  );
  return [...new Set(named)];
}

type Of<K extends LedgerEvent['is']> = Extract<LedgerEvent, { is: K }>;

function all<K extends LedgerEvent['is']>(events: readonly LedgerEvent[], ...kinds: readonly K[]): Of<K>[] {
  return events.filter((event): event is Of<K> => (kinds as readonly string[]).includes(event.is));
}

export function stationsOf(events: readonly LedgerEvent[]): readonly Station[] {
  const last = events.at(-1);
  if (!last) return [];
  const stations = [submitted(events), ...judged(events), ...signed(events)].filter(
    (each) => each !== undefined,
  );
  return [...stations, ...way(events)];
}

const seqsOf = (events: readonly LedgerEvent[]): number[] => events.map(({ seq }) => seq);

function submitted(events: readonly LedgerEvent[]): Station | undefined {
  const found = all(events, 'accepted', 'refused');
  const [first] = found;
  if (!first) return undefined;
  return {
    name: 'submitted',
    mood: first.is === 'refused' ? 'bad' : 'good',
    atMs: first.atMs,
    fact:
      first.is === 'accepted' ? first.data.account || first.data.helo || first.data.peer : first.data.peer,
    seqs: seqsOf(found),
  };
}

function judged(events: readonly LedgerEvent[]): readonly Station[] {
  const found = all(events, 'authenticated', 'judged', 'revised');
  if (found.length === 0) return [];
  const verdict = all(events, 'judged').at(-1)?.data.action;
  const proof = all(events, 'authenticated').at(-1);
  const mood: Mood =
    verdict === 'refuse' || verdict === 'quarantine'
      ? 'bad'
      : verdict === 'junk' || verdict === 'mark' || verdict === 'defer' || proof?.data.action === 'junk'
        ? 'waiting'
        : 'good';
  const fact = proof ? `DMARC ${proof.data.dmarc.result}` : '';
  return [{ name: 'judged', mood, atMs: found.at(-1)!.atMs, fact, seqs: seqsOf(found) }];
}

function signed(events: readonly LedgerEvent[]): readonly Station[] {
  const [found] = all(events, 'signed');
  if (!found) return [];
  const { keys, domain } = found.data;
  return [
    {
      name: 'signed',
      mood: keys.length > 0 ? 'good' : 'waiting',
      atMs: found.atMs,
      fact: domain,
      seqs: [found.seq],
    },
  ];
}

/** From the queue to the mailbox, or to the server of the other side. */
function way(events: readonly LedgerEvent[]): readonly Station[] {
  const stored = all(events, 'stored', 'filtered', 'redirected');
  const tried = all(events, 'attempted', 'delivered');
  const ends = all(events, 'delivered', 'bounced', 'deferred');
  const managed = all(events, 'managed', 'putOff');
  const end = ends.at(-1);
  const line: Station[] = [];
  const waits = [...all(events, 'deferred'), ...managed].sort((a, b) => a.seq - b.seq);
  if (tried.length > 0 || waits.length > 0 || (stored.length === 0 && end === undefined))
    line.push(waiting(events, waits, { isOver: end?.is === 'delivered' || end?.is === 'bounced' }));
  if (tried.length > 0) line.push(...outside(tried, end));
  if (end) line.push(handed(end, ends));
  else if (stored.length === 0) line.push({ name: 'handed', mood: 'ahead', atMs: 0, fact: '', seqs: [] });
  const place = stored.at(-1);
  if (place) line.push(placed(place, stored));
  return line;
}

function waiting(
  events: readonly LedgerEvent[],
  waits: readonly LedgerEvent[],
  { isOver }: { readonly isOver: boolean },
): Station {
  const lastWait = waits.at(-1);
  const talk = all(events, 'attempted', 'delivered').at(-1);
  const first = all(events, 'deferred', 'bounced')[0] ?? events.at(-1)!;
  const mood = isOver ? (waits.length > 0 ? 'waiting' : 'good') : 'waiting';
  return {
    name: 'waiting',
    mood,
    atMs: talk ? Math.max(talk.atMs - talk.data.ms, events[0]!.atMs) : (lastWait ?? first).atMs,
    fact: '',
    seqs: seqsOf(waits),
  };
}

function outside(
  tried: readonly (Of<'attempted'> | Of<'delivered'>)[],
  end: LedgerEvent | undefined,
): readonly Station[] {
  const talk = tried.at(-1)!;
  const { host, tls, dns = [], ms } = talk.data;
  const foundAtMs =
    talk.atMs -
    ms +
    Math.min(
      ms,
      dns.reduce((sum, step) => sum + step.ms, 0),
    );
  const seqs = seqsOf(tried);
  const phase = talk.is === 'attempted' ? talk.data.phase : 'dot';
  const failed = end?.is === 'bounced' || end?.is === 'deferred';
  const reached = host !== '' && phase !== 'dns' && phase !== 'connect';
  const badHere = failed && !reached ? (end.is === 'bounced' ? 'bad' : 'waiting') : 'good';
  const mx: Station = { name: 'mx', mood: badHere, atMs: foundAtMs, fact: host, seqs };
  if (!reached) return [mx];
  const safe = tls === null ? 'waiting' : 'good';
  const mood = failed && phase === 'tls' ? (end.is === 'bounced' ? 'bad' : 'waiting') : safe;
  return [mx, { name: 'tls', mood, atMs: 0, fact: tls?.version ?? '', seqs }];
}

function handed(
  end: Of<'delivered'> | Of<'bounced'> | Of<'deferred'>,
  ends: readonly LedgerEvent[],
): Station {
  const mood = end.is === 'delivered' ? 'good' : end.is === 'bounced' ? 'bad' : 'waiting';
  return { name: 'handed', mood, atMs: end.atMs, fact: end.data.reply, seqs: seqsOf(ends) };
}

function placed(
  place: Of<'stored'> | Of<'filtered'> | Of<'redirected'>,
  all: readonly LedgerEvent[],
): Station {
  const fact =
    place.is === 'stored'
      ? place.data.mailbox
      : place.is === 'redirected'
        ? place.data.to.join(', ')
        : place.data.detail;
  return { name: 'placed', mood: 'good', atMs: place.atMs, fact, seqs: seqsOf(all) };
}
