/** One contact: what is known of it, its groups, and what can be done. */
import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { IconArrowLeft, IconMail, IconPencil, IconTrash, IconUsers } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { Lines } from '../parts/Lines.tsx';
import { ProblemBox } from '../parts/ProblemBox.tsx';
import { toast, toastError } from '../parts/toasts.tsx';
import { useWords } from '../words.ts';
import { addressText, fieldsOf, nameOfCard, readingOfCard, type Card } from './card.ts';
import { ContactForm } from './ContactForm.tsx';
import { Badge } from './ContactRows.tsx';
import { destroyCards, updateCard, useCard } from './data.ts';
import css from './contacts.module.css';

interface ViewProps {
  readonly account: string;
  readonly id: string;
  readonly groups: readonly Card[];
  readonly onClose: () => void;
}

export function ContactView({ account, id, groups, onClose }: ViewProps) {
  const { t } = useWords('contacts');
  const { data: card, error, refetch } = useCard(account, id);
  const [editing, setEditing] = useState(false);
  if (error) return <ProblemBox error={error} retry={() => void refetch()} />;
  if (card === undefined) return <Lines />;
  if (card === null) return <ProblemBox error={new Error(t('gone'))} />;
  if (editing)
    return (
      <ContactForm
        account={account}
        book=""
        card={card}
        address=""
        name=""
        onClose={() => setEditing(false)}
      />
    );
  const drop = (): void => {
    destroyCards(account, [card]).then((undo) => {
      toast({ text: t('deleted', { name: nameOfCard(card) }), undo: () => void undo().catch(toastError) });
      onClose();
    }, toastError);
  };
  return (
    <article className={css['card']}>
      <div className={css['bar']}>
        <Button
          className={css['back']!}
          variant="subtle"
          leftSection={<IconArrowLeft size={16} />}
          onClick={onClose}
        >
          {t('back')}
        </Button>
        <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setEditing(true)}>
          {t('edit')}
        </Button>
        {groups.length > 0 && <GroupMenu account={account} card={card} groups={groups} />}
        <Button variant="subtle" color="shu" leftSection={<IconTrash size={16} />} onClick={drop}>
          {t('delete')}
        </Button>
      </div>
      <Facts card={card} groups={groups} />
    </article>
  );
}

function Facts({ card, groups }: { readonly card: Card; readonly groups: readonly Card[] }) {
  const { t, language } = useWords('contacts');
  const fields = fieldsOf(card);
  const name = nameOfCard(card) || t('nameless');
  const within = groups.filter(({ members }) => card.uid !== undefined && members?.[card.uid]);
  const address = Object.values(card.addresses ?? {})[0];
  return (
    <>
      <header className={css['who']}>
        <Badge name={name} isOrganization={card.kind === 'org'} />
        <div>
          <p className={css['reading']}>{readingOfCard(card)}</p>
          <h2>{name}</h2>
          <p>{[fields.organization, fields.unit, fields.title].filter(Boolean).join(' · ')}</p>
        </div>
      </header>
      <dl className={css['facts']}>
        {Object.entries(card.emails ?? {}).map(([key, each]) => (
          <Fact key={key} label={t('email')} kind={each.contexts}>
            <WriteLink address={each.address} />
          </Fact>
        ))}
        {Object.entries(card.phones ?? {}).map(([key, each]) => (
          <Fact key={key} label={t('phone')} kind={each.contexts}>
            <a
              href={
                each.number.startsWith('tel:') ? each.number : `tel:${each.number.replaceAll(/[^+\d]/g, '')}`
              }
            >
              {each.number.replace(/^tel:/, '')}
            </a>
          </Fact>
        ))}
        {address && (
          <Fact label={t('address')} kind={address.contexts}>
            {fields.postcode !== '' && <>〒{fields.postcode} </>}
            {addressText(address)}
          </Fact>
        )}
        {fields.birthday !== '' && (
          <Fact label={t('birthday')}>
            {new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(
              new Date(fields.birthday),
            )}
          </Fact>
        )}
        {within.length > 0 && (
          <Fact label={t('groups')}>{within.map((each) => nameOfCard(each)).join(', ')}</Fact>
        )}
        {fields.note !== '' && (
          <Fact label={t('note')}>
            <span className={css['note']}>{fields.note}</span>
          </Fact>
        )}
      </dl>
    </>
  );
}

interface FactProps {
  readonly label: string;
  readonly kind?: Readonly<Record<string, true>> | undefined;
  readonly children: ReactNode;
}

function Fact({ label, kind, children }: FactProps) {
  const { t } = useWords('contacts');
  const context = kind?.['work'] ? 'work' : kind?.['private'] ? 'private' : undefined;
  return (
    <div>
      <dt>
        {label}
        {context && <small>{t(`kinds.${context}`)}</small>}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

function WriteLink({ address }: { readonly address: string }) {
  const navigate = useNavigate();
  return (
    <button
      type="button"
      className={css['write']}
      onClick={() => void navigate({ to: '/mail', search: { to: address } })}
    >
      <IconMail size={16} stroke={1.5} aria-hidden />
      {address}
    </button>
  );
}

interface GroupMenuProps {
  readonly account: string;
  readonly card: Card;
  readonly groups: readonly Card[];
}

function GroupMenu({ account, card, groups }: GroupMenuProps) {
  const { t } = useWords('contacts');
  const { uid = '' } = card;
  const change = (group: Card, on: boolean): void => {
    const { [uid]: _, ...rest } = group.members ?? {};
    updateCard(account, group.id, { members: on ? { ...rest, [uid]: true } : rest }).catch(toastError);
  };
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<IconUsers size={16} />}>
          {t('groups')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {groups.map((group) => {
          const on = group.members?.[uid] !== undefined;
          return (
            <Menu.CheckboxItem key={group.id} checked={on} onChange={(next) => change(group, next)}>
              {nameOfCard(group)}
            </Menu.CheckboxItem>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
