/** Contacts: a list by reading with a search above it, and who is chosen beside it; on a phone one after the other. Where one is stands in the address. */
import { ActionIcon, Button, CloseButton, Menu, TextInput } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import {
  IconAddressBook,
  IconDots,
  IconDownload,
  IconPlus,
  IconSearch,
  IconUpload,
  IconUsersPlus,
} from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { Empty } from '../parts/Empty.tsx';
import { FormModal, textOf } from '../parts/FormModal.tsx';
import { toast, toastError } from '../parts/toasts.tsx';
import { useFilters } from '../shell/filters.ts';
import { useWords } from '../words.ts';
import { nameOfCard, type Card } from './card.ts';
import { ContactForm } from './ContactForm.tsx';
import { ContactRows } from './ContactRows.tsx';
import { ContactView } from './ContactView.tsx';
import { booksQuery, createCard, exportUrl, groupsQuery, importVcards, useContactAccount } from './data.ts';
import css from './contacts.module.css';

export function Contacts() {
  const { t } = useWords('contacts');
  const account = useContactAccount();
  const { data: books } = useSuspenseQuery(booksQuery(account));
  const { data: groups } = useSuspenseQuery(groupsQuery(account));
  const [filters, setFilters] = useFilters();
  const book = books.find(({ isDefault }) => isDefault)?.id ?? books[0]?.id ?? '';
  const group = groups.find(({ id }) => id === filters['group']);
  const chosen = filters['card'];
  const fresh = filters['new'];
  useEffect(() => {
    document.title = `${t('title')} · Hikyaku`;
  }, [t]);
  return (
    <main
      id="content"
      tabIndex={-1}
      className={css['contacts']}
      data-open={(chosen ?? fresh) ? '' : undefined}
    >
      <section className={css['side']} aria-label={t('title')}>
        <Head account={account} book={book} group={group} groups={groups} />
        <ContactRows
          account={account}
          search={filters['q'] ?? ''}
          group={group}
          chosen={chosen}
          onChoose={(card) => setFilters({ card: card.id, new: '' })}
          onNew={() => setFilters({ new: '1', card: '' })}
        />
      </section>
      <div className={css['detail']}>
        {fresh !== undefined ? (
          <ContactForm
            key={fresh}
            account={account}
            book={book}
            address={fresh.includes('@') ? fresh : ''}
            name={filters['name'] ?? ''}
            onClose={(id) => setFilters({ new: '', name: '', card: id ?? '' })}
          />
        ) : chosen === undefined ? (
          <Empty icon={IconAddressBook} title={t('pick')} text={t('pickText')} />
        ) : (
          <ContactView
            key={chosen}
            account={account}
            id={chosen}
            groups={groups}
            onClose={() => setFilters({ card: '' })}
          />
        )}
      </div>
    </main>
  );
}

interface HeadProps {
  readonly account: string;
  readonly book: string;
  readonly group: Card | undefined;
  readonly groups: readonly Card[];
}

function Head({ account, book, group, groups }: HeadProps) {
  const { t } = useWords('contacts');
  const [filters, setFilters] = useFilters();
  const [making, setMaking] = useState(false);
  return (
    <header className={css['head']}>
      <div className={css['line']}>
        <h1>{group ? nameOfCard(group) : t('title')}</h1>
        <Button
          size="compact-md"
          leftSection={<IconPlus size={16} />}
          onClick={() => setFilters({ new: '1', card: '' })}
        >
          {t('new')}
        </Button>
        <FileMenu account={account} book={book} onGroup={() => setMaking(true)} />
      </div>
      <Search search={filters['q'] ?? ''} onSearch={(q) => setFilters({ q })} />
      {groups.length > 0 && (
        <nav className={css['groups']} aria-label={t('groups')}>
          <Chip label={t('everybody')} here={group === undefined} onClick={() => setFilters({ group: '' })} />
          {groups.map((each) => (
            <Chip
              key={each.id}
              label={nameOfCard(each)}
              here={each === group}
              onClick={() => setFilters({ group: each.id })}
            />
          ))}
        </nav>
      )}
      {making && (
        <FormModal
          title={t('newGroup')}
          submit={t('make')}
          onClose={() => setMaking(false)}
          onSubmit={async (form) => {
            const name = { full: textOf(form, 'name') };
            const id = await createCard(account, {
              kind: 'group',
              name,
              members: {},
              addressBookIds: { [book]: true },
            });
            setFilters({ group: id });
          }}
        >
          {() => <TextInput name="name" data-autofocus required label={t('groupName')} maxLength={100} />}
        </FormModal>
      )}
    </header>
  );
}

interface ChipProps {
  readonly label: string;
  readonly here: boolean;
  readonly onClick: () => void;
}

function Chip({ label, here, onClick }: ChipProps) {
  return (
    <button type="button" className={css['chip']} aria-current={here ? 'true' : undefined} onClick={onClick}>
      {label}
    </button>
  );
}

/** As one types, but not while an IME composes. */
function Search({
  search,
  onSearch,
}: {
  readonly search: string;
  readonly onSearch: (text: string) => void;
}) {
  const { t } = useWords('contacts');
  const [text, setText] = useState(search);
  const [composing, setComposing] = useState(false);
  useEffect(() => setText(search), [search]);
  useEffect(() => {
    if (composing || text === search) return undefined;
    const timer = setTimeout(() => onSearch(text), 200);
    return () => clearTimeout(timer);
    // What is typed starts the clock, nothing else.
  }, [text, composing]);
  return (
    <TextInput
      data-search
      type="search"
      leftSection={<IconSearch size={16} stroke={1.5} />}
      placeholder={t('search')}
      aria-label={t('search')}
      value={text}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
      onChange={(event) => setText(event.currentTarget.value)}
      rightSection={
        text !== '' && <CloseButton size="sm" aria-label={t('clearSearch')} onClick={() => onSearch('')} />
      }
    />
  );
}

interface FileMenuProps {
  readonly account: string;
  readonly book: string;
  readonly onGroup: () => void;
}

function FileMenu({ account, book, onGroup }: FileMenuProps) {
  const { t } = useWords('contacts');
  const files = useRef<HTMLInputElement>(null);
  const take = async (given: readonly File[]): Promise<void> => {
    let created = 0;
    let updated = 0;
    let skipped = 0;
    for (const file of given) {
      const done = await importVcards(account, book, file);
      created += done.created.length;
      updated += done.updated.length;
      skipped += done.skipped.length;
    }
    toast({ text: t('imported', { created, updated, skipped }), mood: skipped > 0 ? 'neutral' : 'good' });
  };
  const icon = { size: 16, stroke: 1.5 } as const;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" size="lg" aria-label={t('more')}>
            <IconDots size={18} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUsersPlus {...icon} />} onClick={onGroup}>
            {t('newGroup')}
          </Menu.Item>
          <Menu.Item leftSection={<IconUpload {...icon} />} onClick={() => files.current?.click()}>
            {t('import')}
          </Menu.Item>
          {(['4.0', '3.0'] as const).map((version) => (
            <Menu.Item
              key={version}
              component="a"
              href={exportUrl(account, book, version)}
              download
              leftSection={<IconDownload {...icon} />}
            >
              {t('export', { version })}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <input
        ref={files}
        type="file"
        hidden
        multiple
        accept=".vcf,.vcard,text/vcard,text/x-vcard"
        aria-label={t('import')}
        onChange={({ currentTarget }) => {
          void take([...(currentTarget.files ?? [])]).catch(toastError);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
