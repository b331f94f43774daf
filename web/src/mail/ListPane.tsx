/** The list with its search field above it, and what is done to the rows that are chosen. */
import { ActionIcon, CloseButton, Drawer, TextInput } from '@mantine/core';
import {
  IconArchive,
  IconMail,
  IconMailOpened,
  IconMenu2,
  IconSearch,
  IconTrash,
  IconUrgent,
} from '@tabler/icons-react';
import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useWords } from '../words.ts';
import { useMessageList } from './data/messages.ts';
import type { EmailRow, Id, Mailbox } from './jmap/types.ts';
import { useMailKeys } from './keys.ts';
import { MessageList } from './list/MessageList.tsx';
import { useMailboxName } from './mailbox-name.ts';
import { LabelMenu } from './read/LabelMenu.tsx';
import { SnoozeMenu } from './read/SnoozeMenu.tsx';
import { useLook } from './data/look.ts';
import { Tool } from './read/Conversation.tsx';
import type { MailDeeds } from './useDeeds.ts';
import css from './mail.module.css';

interface ListPaneProps {
  readonly account: Id;
  readonly mailboxes: readonly Mailbox[];
  readonly here: Id | undefined;
  readonly search: string;
  /** One's own mail: what sleeps is only there. */
  readonly own: boolean;
  readonly thread: Id | undefined;
  readonly column: ReactNode;
  readonly deeds: MailDeeds;
  readonly onFilters: (filters: Readonly<Record<string, string>>) => void;
  readonly onCompose: () => void;
  readonly onDraft: (row: EmailRow) => void;
}

const outgoing: readonly (string | undefined)[] = ['sent', 'drafts'];

export function ListPane(props: ListPaneProps) {
  const { account, mailboxes, here, search, own, thread, column, onFilters, onCompose, onDraft } = props;
  const { deeds } = props.deeds;
  const { t } = useWords('mail');
  const [pages, setPages] = useState<readonly number[]>([0]);
  const role = deeds.roleOf(here);
  // Drafts are opened one by one.
  const { conversations } = useLook();
  const threads = role !== 'drafts' && conversations;
  const of = useMemo(
    () => ({ account, mailbox: here, search, threads, awakenedFirst: role === 'inbox' && search === '' }),
    [account, here, search, threads, role],
  );
  const list = useMessageList(of, pages);
  const [current, setCurrent] = useState(-1);
  const [chosen, setChosen] = useState<ReadonlyMap<Id, EmailRow>>(new Map());
  const [last, setLast] = useState(0);
  const [menu, setMenu] = useState(false);
  useEffect(() => {
    setCurrent(-1);
    setChosen(new Map());
  }, [of]);

  const open = (row: EmailRow, index: number): void => {
    setCurrent(index);
    if (role === 'drafts') return onDraft(row);
    onFilters({ thread: row.threadId, email: threads ? '' : row.id });
  };
  const choose = (row: EmailRow, index: number, range: boolean): void => {
    const next = new Map(chosen);
    const [from, to] = range ? [Math.min(last, index), Math.max(last, index)] : [index, index];
    const on = !chosen.has(row.id);
    for (let at = from; at <= to; at++) {
      const each = list.rowAt(at);
      if (each !== undefined && on) next.set(each.id, each);
      if (each !== undefined && !on) next.delete(each.id);
    }
    setLast(index);
    setChosen(next);
  };
  const targets = (): readonly EmailRow[] => {
    if (chosen.size > 0) return [...chosen.values()];
    const row = list.rowAt(current);
    return row === undefined ? [] : [row];
  };
  const act = (work: (rows: readonly EmailRow[]) => void): void => {
    const rows = targets();
    if (rows.length === 0) return;
    work(rows);
    setChosen(new Map());
    if (thread !== undefined && rows.some(({ threadId }) => threadId === thread)) onFilters({ thread: '' });
  };
  const seen = (on: boolean): void => act((rows) => deeds.keyword(rows, '$seen', on));
  const toRole = (to: 'archive' | 'trash' | 'junk' | 'inbox'): void =>
    act((rows) => deeds.moveToRole(rows, here, to));
  const junk = role === 'junk' ? 'inbox' : 'junk';
  const step = (by: number): void => {
    const next = Math.min(Math.max(0, current + by), list.total - 1);
    setCurrent(next);
    const row = list.rowAt(next);
    if (thread !== undefined && row !== undefined && role !== 'drafts') onFilters({ thread: row.threadId });
  };
  /** Shift with the keys chooses on the way. */
  const stepChoosing = (by: number): void => {
    const next = Math.min(Math.max(0, current + by), list.total - 1);
    const rows = [list.rowAt(current), list.rowAt(next)].filter((row) => row !== undefined);
    setChosen(new Map([...chosen, ...rows.map((row) => [row.id, row] as const)]));
    setLast(next);
    setCurrent(next);
  };
  /** All that was read so far. */
  const chooseAll = (): void => {
    const all = new Map<Id, EmailRow>();
    for (let at = 0; at < list.total; at++) {
      const row = list.rowAt(at);
      if (row !== undefined) all.set(row.id, row);
    }
    setChosen(all);
  };
  const currentRow = list.rowAt(current);
  useMailKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => currentRow && open(currentRow, current),
    o: () => currentRow && open(currentRow, current),
    u: () => onFilters({ thread: '' }),
    x: () => currentRow && choose(currentRow, current, false),
    e: () => toRole('archive'),
    '#': () => toRole('trash'),
    Delete: () => toRole('trash'),
    '!': () => toRole(junk),
    s: () =>
      currentRow && deeds.keyword([currentRow], '$flagged', currentRow.keywords['$flagged'] === undefined),
    I: () => seen(true),
    U: () => seen(false),
    c: onCompose,
    l: () => openMenu('[data-label]'),
    b: () => openMenu('[data-snooze]'),
    J: () => stepChoosing(1),
    K: () => stepChoosing(-1),
    '*': () => chooseAll(),
    Escape: () => setChosen(new Map()),
  });
  return (
    <section className={css['list']} aria-label={t('messages')}>
      <div className={css['listHead']}>
        <ActionIcon
          className={css['menu']!}
          variant="subtle"
          size="lg"
          aria-label={t('mailboxes')}
          onClick={() => setMenu(true)}
        >
          <IconMenu2 size={20} stroke={1.5} />
        </ActionIcon>
        <SearchField search={search} onSearch={(q) => onFilters({ q, thread: '' })} />
      </div>
      <Drawer
        opened={menu}
        onClose={() => setMenu(false)}
        title={t('mailboxes')}
        size={280}
        onClick={() => setMenu(false)}
      >
        {column}
      </Drawer>
      <div className={css['listBar']}>
        {chosen.size === 0 ? (
          <Heading
            mailboxes={mailboxes}
            here={here}
            searching={search !== ''}
            total={list.total}
            onFilters={onFilters}
          />
        ) : (
          <>
            <CloseButton aria-label={t('chooseNone')} onClick={() => setChosen(new Map())} />
            <h1>{t('chosen', { count: chosen.size })}</h1>
            <Tool icon={IconArchive} label={t('archive')} onClick={() => toRole('archive')} />
            <Tool icon={IconTrash} label={t('trash')} onClick={() => toRole('trash')} />
            <Tool
              icon={IconUrgent}
              label={t(role === 'junk' ? 'notJunk' : 'junk')}
              onClick={() => toRole(junk)}
            />
            {role !== 'drafts' && own && (
              <SnoozeMenu onSnooze={(untilMs) => act((rows) => deeds.snooze(rows, here, untilMs))} />
            )}
            <LabelMenu
              messages={targets()}
              onLabel={(keyword, on) => act((rows) => deeds.keyword(rows, keyword, on))}
            />
            <Tool icon={IconMailOpened} label={t('markRead')} onClick={() => seen(true)} />
            <Tool icon={IconMail} label={t('markUnread')} onClick={() => seen(false)} />
          </>
        )}
      </div>
      <div className={css['listBody']}>
        <MessageList
          list={list}
          searching={search !== ''}
          outgoing={outgoing.includes(role)}
          openThread={thread}
          current={current}
          chosen={new Set(chosen.keys())}
          onPages={setPages}
          onOpen={open}
          onChoose={choose}
          onStar={(row) => deeds.keyword([row], '$flagged', row.keywords['$flagged'] === undefined)}
        />
      </div>
    </section>
  );
}

/** The menu of what is chosen, or of the conversation that is open. */
function openMenu(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}

interface HeadingProps {
  readonly mailboxes: readonly Mailbox[];
  readonly here: Id | undefined;
  readonly searching: boolean;
  readonly total: number;
  readonly onFilters: (filters: Readonly<Record<string, string>>) => void;
}

function Heading({ mailboxes, here, searching, total, onFilters }: HeadingProps) {
  const { t, language } = useWords('mail');
  const nameOf = useMailboxName();
  const mailbox = mailboxes.find(({ id }) => id === here);
  return (
    <>
      <h1>
        {mailbox ? nameOf(mailbox) : t('everywhere')}
        <small>{new Intl.NumberFormat(language).format(total)}</small>
      </h1>
      {searching && here !== undefined && (
        <button type="button" className={css['everywhere']} onClick={() => onFilters({ in: 'all' })}>
          {t('everywhere')}
        </button>
      )}
    </>
  );
}

/** Searched when one pauses, and at once by Enter; not while an IME composes. */
function SearchField({
  search,
  onSearch,
}: {
  readonly search: string;
  readonly onSearch: (text: string) => void;
}) {
  const { t } = useWords('mail');
  const [text, setText] = useState(search);
  const [composing, setComposing] = useState(false);
  useEffect(() => setText(search), [search]);
  useEffect(() => {
    if (composing || text === search) return undefined;
    const timer = setTimeout(() => onSearch(text), 300);
    return () => clearTimeout(timer);
    // What is typed starts the clock, nothing else.
  }, [text, composing]);
  return (
    <TextInput
      data-search
      type="search"
      size="sm"
      leftSection={<IconSearch size={16} stroke={1.5} />}
      placeholder={t('search')}
      aria-label={t('search')}
      title={t('searchHint')}
      value={text}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) onSearch(text);
        if (event.key === 'Escape') onSearch('');
      }}
      rightSection={
        text !== '' && <CloseButton size="sm" aria-label={t('clearSearch')} onClick={() => onSearch('')} />
      }
    />
  );
}
