/** Messages that an organisation has sent, the newest first: from the ledger, and from the outbox what is not there yet. Ids sort by time, so a page ends where the next one begins. */
import { operation } from '../store/operation.ts';
import { rows, type Transaction } from '../store/transaction.ts';
import type { EventData, MailEvent } from './event.ts';

export interface SentQuery {
  /** Undefined: of all organisations. */
  readonly org: string | undefined;
  /** Only messages with ids below this; `''`: from the newest on. */
  readonly before: string;
  readonly tag?: string;
  readonly stream?: string;
  readonly limit: number;
}

type AcceptedEvent = MailEvent<'accepted'>;

/** Rows read for one page when most are not asked for. */
const lookedMax = 5000;
const readAtOnce = 500;
/** Above every id: `z` stands in none. */
const aboveAll = '~';
const own = `kind = 'accepted' and (data like '{"via":"http"%' or data like '{"via":"submission"%' or data like '{"via":"jmap"%')`;

interface SentRow {
  readonly at: number;
  readonly message: string;
  readonly org: string;
  readonly data: string;
}

export const sent = operation('events.sent', function* (query: SentQuery): Transaction<
  readonly AcceptedEvent[]
> {
  const { org, limit } = query;
  const found = new Map<string, AcceptedEvent>();
  let before = query.before === '' ? aboveAll : query.before;
  for (let looked = 0; looked < lookedMax && found.size < limit; looked += readAtOnce) {
    const page = yield* pageBelow(before, org);
    for (const one of page.map(eventOf))
      if (found.size < limit && isAsked(one, query)) found.set(one.message, one);
    if (page.length < readAtOnce) break;
    before = page.at(-1)!.message;
  }
  return [...found.values()];
});

function* pageBelow(before: string, org: string | undefined): Transaction<readonly SentRow[]> {
  const ofOrg = org === undefined ? '' : 'and org = ?';
  const params = org === undefined ? [before] : [before, org];
  const from = (table: string): string =>
    `select * from (select at, message, org, data from ${table} where message < ? and message <> '' and ${own} ${ofOrg} order by message desc limit ${readAtOnce}) as newest`;
  return yield* rows<SentRow>(
    `select at, message, org, data from (${from('events.event')} union ${from('outbox')}) as both_of_them
     order by message desc limit ${readAtOnce}`,
    ...params,
    ...params,
  );
}

const isAsked = ({ data }: AcceptedEvent, { tag, stream }: SentQuery): boolean =>
  (tag === undefined || data.labels?.tags?.includes(tag) === true) &&
  (stream === undefined || data.labels?.stream === stream);

function eventOf({ at, message, org, data }: SentRow): AcceptedEvent {
  return {
    is: 'accepted',
    atMs: at,
    message,
    org,
    recipient: '',
    data: JSON.parse(data) as EventData['accepted'],
  } as AcceptedEvent;
}
