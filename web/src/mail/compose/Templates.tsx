/** Texts that one keeps: put into the mail, kept anew, thrown away. */
import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconTemplate, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Empty } from '../../parts/Empty.tsx';
import { Lines } from '../../parts/Lines.tsx';
import { ProblemBox } from '../../parts/ProblemBox.tsx';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { Dialog } from './Dialog.tsx';
import type { Id, Identity, Mailbox } from '../jmap/types.ts';
import { begun, inPlain, inRich } from './begin.ts';
import { type Draft, isEmpty } from './draft.ts';
import { dropDraft } from './message.ts';
import { openDraft } from './open-draft.ts';
import { keepTemplate, templateBox, templatesQuery, withTemplate } from './templates.ts';
import css from './compose.module.css';

interface TemplatesProps {
  readonly account: Id;
  readonly mailboxes: readonly Mailbox[];
  readonly draft: Draft;
  readonly from: Identity;
  readonly onUse: (draft: Draft) => void;
  readonly onClose: () => void;
}

export function Templates({ account, mailboxes, draft, from, onUse, onClose }: TemplatesProps) {
  const { t } = useWords('mail/compose');
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(templatesQuery(account, templateBox(mailboxes)));
  const [name, setName] = useState(draft.subject);
  const [busy, setBusy] = useState(false);
  const run = async (deed: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await deed();
    } catch (problem) {
      toastError(problem);
    } finally {
      setBusy(false);
    }
  };
  const use = async (id: Id): Promise<void> => {
    const kept = await openDraft(account, id);
    if (kept === undefined) throw new Error(t('templateGone'));
    const whole = begun(kept, { account, from, format: draft.format });
    const fitting =
      whole.format === draft.format ? whole : draft.format === 'plain' ? inPlain(whole) : inRich(whole);
    onUse(withTemplate(draft, fitting));
    onClose();
  };
  const keep = async (): Promise<void> => {
    await keepTemplate({ account, from, mailboxes }, draft, name.trim());
    await client.invalidateQueries({ queryKey: ['mail', account] });
    toast({ text: t('templateKept'), mood: 'good' });
  };
  const drop = async (id: Id): Promise<void> => {
    await dropDraft(account, id);
    await client.invalidateQueries({ queryKey: ['mail', account] });
  };
  return (
    <Dialog title={t('templates')} width={560} onClose={onClose}>
      {error && <ProblemBox error={error} retry={() => void refetch()} />}
      {!error && data === undefined && <Lines count={3} />}
      {data?.length === 0 && (
        <Empty icon={IconTemplate} title={t('noTemplates')} text={t('noTemplatesText')} />
      )}
      <ul className={css['waiting']} aria-label={t('templates')}>
        {data?.map(({ id, subject, preview }) => (
          <li key={id}>
            <div className={css['waitingWhat']}>
              <strong>{subject || t('noSubject')}</strong>
              <span>{preview}</span>
            </div>
            <div className={css['waitingDeeds']}>
              <Button
                size="compact-sm"
                variant="default"
                disabled={busy}
                onClick={() => void run(() => use(id))}
              >
                {t('useTemplate')}
              </Button>
              <Tooltip label={t('dropTemplate', { name: subject })}>
                <ActionIcon
                  variant="subtle"
                  color="shu"
                  disabled={busy}
                  aria-label={t('dropTemplate', { name: subject })}
                  onClick={() => void run(() => drop(id))}
                >
                  <IconTrash size={16} stroke={1.5} />
                </ActionIcon>
              </Tooltip>
            </div>
          </li>
        ))}
      </ul>
      {!isEmpty(draft) && (
        <form
          className={css['keepTemplate']}
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void run(keep);
          }}
        >
          <TextInput
            label={t('keepAsTemplate')}
            placeholder={t('templateName')}
            value={name}
            maxLength={200}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={busy} disabled={name.trim() === ''}>
            {t('keep')}
          </Button>
        </form>
      )}
    </Dialog>
  );
}
