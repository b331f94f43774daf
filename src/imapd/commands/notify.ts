/**
 * NOTIFY (RFC 5465): the client hears of changes in mailboxes it has not selected, and at once of those in the selected one.
 *
 * What is told comes from comparing: a picture of the mailboxes is kept, and whenever one of the accounts they belong to has changed, a new picture is made and the
 * difference told. Many changes at once are told once.
 */
import type { AccountId } from '../../base/ids.ts';
import type { Notify, NotifyEvent, NotifyGroup } from '../../proto/imap/command.ts';
import { mailboxName } from '../../proto/imap/response.ts';
import { CommandError } from '../../proto/imap/scanner.ts';
import { numberMax, type SequenceSet } from '../../proto/imap/sequence-set.ts';
import type { Outcome } from '../outcome.ts';
import { fetch } from './fetch.ts';
import { listLine } from './list.ts';
import { isSelected, matchesFilter } from './mailbox-match.ts';
import { listPlaces, type Place } from './place.ts';
import type { LoggedIn, WithMailbox } from './run.ts';
import { statusText } from './status.ts';

/** Changes that come closer together are told together. */
const gatherMs = 50;

export async function notify(session: LoggedIn, command: Notify): Promise<Outcome> {
  session.notification?.[Symbol.dispose]();
  session.notification = undefined;
  if (command.groups === undefined) return undefined;
  const notification = new Notification(session, command.groups);
  session.notification = notification;
  await notification.start(command.status);
  return undefined;
}

/** A mailbox as the client was last told of it. */
interface Known {
  readonly place: Place;
  readonly subscribed: boolean;
  /** Shared annotations, by entry. */
  readonly metadata: ReadonlyMap<string, string>;
}

type Picture = ReadonlyMap<string, Known>;

export class Notification implements Disposable {
  readonly #session: LoggedIn;
  readonly #groups: readonly NotifyGroup[];
  readonly #watched = new Map<AccountId, Disposable>();
  #picture: Picture = new Map();
  #waiting: Disposable | undefined;
  #over = false;
  /** Something changed since the picture was made. */
  #stale = false;
  #subscribed: ReadonlySet<string> = new Set();

  constructor(session: LoggedIn, groups: readonly NotifyGroup[]) {
    this.#session = session;
    this.#groups = groups;
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.#waiting?.[Symbol.dispose]();
    for (const watch of this.#watched.values()) watch[Symbol.dispose]();
    this.#watched.clear();
  }

  /** The selected mailbox is told of at once, not only behind commands. */
  get tellsSelected(): 'atOnce' | 'delayed' | undefined {
    const group = this.#ofSelected;
    if (group === undefined || group.events.size === 0) return undefined;
    return group.filter.is === 'selected' ? 'atOnce' : 'delayed';
  }

  /** Of messages that are new in the selected mailbox, from this uid on, what the client wants of them is told unasked. */
  async tellNew(fromUid: number): Promise<void> {
    const items = this.#ofSelected?.fetch ?? [];
    if (items.length === 0) return;
    const set: SequenceSet = { is: 'ranges', ranges: [{ from: fromUid, to: numberMax }] };
    const how = { uid: true, changedSince: undefined, vanished: false, partial: undefined };
    try {
      await fetch(this.#session as WithMailbox, { is: 'FETCH', set, items, ...how });
    } catch (error) {
      // What a message cannot give (BINARY of an unknown encoding) is no failure of the command behind which it is told.
      if (!(error instanceof CommandError)) throw error;
    }
  }

  get #ofSelected(): NotifyGroup | undefined {
    return this.#groups.find(({ filter }) => filter.is === 'selected' || filter.is === 'selected-delayed');
  }

  async start(status: boolean): Promise<void> {
    this.#picture = await this.#look();
    if (!status) return;
    for (const { place } of this.#picture.values()) {
      if (isSelected(this.#session, place) || !this.#wants(place, 'MessageNew')) continue;
      this.#session.untagged(await this.#statusOf(place, true));
    }
  }

  /** Tells what is new, if anything is. Called when no command is in hand, and behind each. */
  async tell(): Promise<void> {
    if (!this.#stale || this.#over) return;
    this.#stale = false;
    const before = this.#picture;
    const now = await this.#look();
    if (this.#over) return;
    this.#picture = now;
    for (const [key, known] of now) await this.#compare(before.get(key), known);
    for (const [key, { place }] of before) if (!now.has(key)) this.#tellGone(place);
  }

  #tellGone(place: Place): void {
    if (!this.#wants(place, 'MailboxName')) return;
    const line = listLine(this.#session, place, { attributes: ['\\NonExistent'] });
    this.#session.untagged(line);
  }

  async #compare(old: Known | undefined, now: Known): Promise<void> {
    const { place } = now;
    if (old === undefined || old.place.name !== place.name) {
      const oldName = old?.place.name;
      if (this.#wants(place, 'MailboxName'))
        this.#session.untagged(listLine(this.#session, place, { oldName }));
    } else if (old.subscribed !== now.subscribed && this.#wants(place, 'SubscriptionChange')) {
      const attributes = now.subscribed ? ['\\Subscribed'] : [];
      this.#session.untagged(listLine(this.#session, place, { attributes }));
    }
    if (old === undefined) return;
    this.#compareMetadata(old, now);
    if (!isSelected(this.#session, place)) await this.#compareMessages(old.place, place);
  }

  async #compareMessages({ mailbox: old }: Place, place: Place): Promise<void> {
    const { mailbox } = place;
    const messages = old.uidNext !== mailbox.uidNext || old.total !== mailbox.total;
    const flags = old.modseq !== mailbox.modseq;
    if (messages && this.#wants(place, 'MessageNew'))
      this.#session.untagged(await this.#statusOf(place, true));
    else if (flags && !messages && this.#wants(place, 'FlagChange'))
      this.#session.untagged(await this.#statusOf(place, false));
  }

  #compareMetadata(old: Known, { place, metadata }: Known): void {
    const changed = [...new Set([...old.metadata.keys(), ...metadata.keys()])].filter(
      (entry) => old.metadata.get(entry) !== metadata.get(entry),
    );
    if (changed.length === 0) return;
    const name = mailboxName(place.name, this.#session.utf8);
    this.#session.untagged(`METADATA ${name} ${changed.join(' ')}`);
  }

  #statusOf(place: Place, messages: boolean): Promise<string> {
    const flags = this.#wants(place, 'FlagChange');
    return statusText(this.#session, place, [
      ...(messages ? (['MESSAGES', 'UIDNEXT'] as const) : []),
      'UIDVALIDITY',
      ...(flags ? (['UNSEEN'] as const) : []),
      ...(this.#session.condstore ? (['HIGHESTMODSEQ'] as const) : []),
    ]);
  }

  /** The first group that names a mailbox decides (RFC 5465, 6). */
  #wants(place: Place, event: NotifyEvent): boolean {
    const subscribed = this.#subscribed;
    const session = this.#session;
    const group = this.#groups.find(({ filter }) => matchesFilter(filter, place, { subscribed, session }));
    return group?.events.has(event) ?? false;
  }

  async #look(): Promise<Picture> {
    const { mailboxes } = this.#session.server.parts;
    const { account } = this.#session.principal;
    this.#subscribed = new Set(await mailboxes.subscriptions(account));
    const places = await listPlaces(this.#session);
    this.#watch(new Set([account, ...places.map(({ owner }) => owner)]));
    const picture = new Map<string, Known>();
    for (const place of places) {
      const metadata = this.#wants(place, 'MailboxMetadataChange')
        ? await this.#metadataOf(place)
        : new Map<string, string>();
      const subscribed = this.#subscribed.has(place.name);
      picture.set(`${place.owner} ${place.mailbox.id}`, { place, subscribed, metadata });
    }
    return picture;
  }

  async #metadataOf({ owner, mailbox }: Place): Promise<ReadonlyMap<string, string>> {
    const { access } = this.#session.server.parts.mailboxes;
    const entries = await access.metadata(owner, mailbox.id, this.#session.principal.account);
    return new Map(
      entries
        .filter(({ who }) => who === '')
        .map(({ entry, value }) => [entry, Buffer.from(value).toString('base64')]),
    );
  }

  #watch(accounts: ReadonlySet<AccountId>): void {
    const { mailboxes } = this.#session.server.parts;
    for (const account of accounts) {
      if (!this.#watched.has(account) && !this.#over)
        this.#watched.set(
          account,
          mailboxes.onChange(account, () => this.#changed()),
        );
    }
  }

  #changed(): void {
    this.#stale = true;
    this.#waiting ??= this.#session.server.parts.clock.after(gatherMs, () => {
      this.#waiting = undefined;
      this.#session.tellBetweenCommands();
    });
  }
}
