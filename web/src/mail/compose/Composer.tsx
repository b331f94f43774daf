/** A sheet over the conversation in which a mail is written. It is kept at every pause, warns before something is forgotten, and what was sent can be taken back for a moment. */
import { Alert, Button, CloseButton, Select, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconPaperclip, IconSend, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, type DragEvent } from 'react';
import { toast, toastError } from '../../parts/toasts.tsx';
import { bytesText } from '../../parts/When.tsx';
import { useWords } from '../../words.ts';
import { upload } from '../jmap/client.ts';
import type { Id, Identity } from '../jmap/types.ts';
import { dropDraft, isEmpty, saveDraft, sendDraft, takeBack, type Draft } from './draft.ts';
import { Recipients } from './Recipients.tsx';
import { warningsOf } from './warnings.ts';
import css from './compose.module.css';

interface ComposerProps {
  readonly account: Id;
  readonly identities: readonly Identity[];
  readonly boxes: { readonly drafts: Id; readonly sent: Id };
  /** Seconds for which the server holds what is sent; 0: it cannot. */
  readonly holdSeconds: number;
  readonly initial: Draft;
  readonly onClose: () => void;
  /** It was taken back: to be written on. */
  readonly onReopen: (draft: Draft) => void;
}

const saveAfterMs = 1500;

export function Composer(props: ComposerProps) {
  const { account, identities, boxes, holdSeconds, initial, onClose, onReopen } = props;
  const { t, language } = useWords('mail');
  const client = useQueryClient();
  const [draft, setDraft] = useState(initial);
  const [from, setFrom] = useState(identities[0]!);
  const [more, setMore] = useState(initial.cc.length + initial.bcc.length > 0);
  const [uploading, setUploading] = useState(0);
  const [warned, setWarned] = useState<readonly string[]>([]);
  const [sending, setSending] = useState(false);
  const [state, setState] = useState<'clean' | 'changed' | 'saved'>('clean');
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    setState('changed');
    setWarned([]);
  };
  const saving = useRef(Promise.resolve<Id | undefined>(initial.id));
  const latest = useRef({ draft, from });
  latest.current = { draft, from };
  const save = useCallback((): Promise<Id | undefined> => {
    saving.current = saving.current.then(async (id) => {
      const { draft: now, from: as } = latest.current;
      if (isEmpty(now)) return id;
      const { id: _, ...rest } = now;
      return saveDraft(account, id === undefined ? rest : { ...rest, id }, as, boxes.drafts);
    });
    return saving.current;
  }, [account, boxes.drafts]);
  useEffect(() => {
    if (state !== 'changed' || sending) return undefined;
    const timer = setTimeout(() => {
      save().then(() => setState((now) => (now === 'changed' ? 'saved' : now)), toastError);
    }, saveAfterMs);
    return () => clearTimeout(timer);
  }, [draft, from, state, sending, save]);

  const close = async (): Promise<void> => {
    onClose();
    if (state === 'changed') await save().catch(toastError);
    void client.invalidateQueries({ queryKey: ['mail', account] });
  };
  const discard = async (): Promise<void> => {
    onClose();
    const id = await saving.current.catch(() => undefined);
    if (id !== undefined) await dropDraft(account, id).catch(toastError);
    void client.invalidateQueries({ queryKey: ['mail', account] });
    if (!isEmpty(draft)) {
      const { id: _, ...rest } = draft;
      toast({ text: t('discarded'), undo: () => onReopen(rest) });
    }
  };
  const send = async (): Promise<void> => {
    const warnings = warningsOf(draft, from, initial.text);
    const stops = warnings.filter(({ stops: isStop }) => isStop);
    if (stops.length > 0) return setWarned(stops.map(({ key }) => key));
    const keys = warnings.map(({ key }) => key);
    if (keys.some((key) => !warned.includes(key))) return setWarned(keys);
    setSending(true);
    try {
      const id = await saving.current.catch(() => undefined);
      const { id: _, ...rest } = draft;
      const whole = id === undefined ? rest : { ...rest, id };
      const sent = await sendDraft(account, whole, from, { ...boxes, holdSeconds });
      onClose();
      toast({
        text: t('sent'),
        mood: 'good',
        ...(holdSeconds > 0 && {
          undo: () => void takeBack(account, sent).then(() => onReopen(rest), toastError),
        }),
      });
      void client.invalidateQueries({ queryKey: ['mail', account] });
    } catch (error) {
      toastError(error);
      setSending(false);
    }
  };
  const attach = async (files: Iterable<File>): Promise<void> => {
    for (const file of files) {
      setUploading((count) => count + 1);
      try {
        const { blobId, type, size } = await upload(account, file);
        setDraft((before) => ({
          ...before,
          files: [...before.files, { blobId, name: file.name, type, size }],
        }));
        setState('changed');
      } catch (error) {
        toastError(error);
      } finally {
        setUploading((count) => count - 1);
      }
    }
  };
  const onDrop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void attach(event.dataTransfer.files);
  };
  return (
    <section
      className={css['sheet']}
      aria-label={t('compose')}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Escape') void close();
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send();
      }}
    >
      <header className={css['head']}>
        <h2>{draft.subject.trim() || t('newMessage')}</h2>
        <span className={css['state']}>{state === 'saved' && t('saved')}</span>
        <CloseButton aria-label={t('closeDraft')} onClick={() => void close()} />
      </header>
      <div className={css['fields']}>
        {identities.length > 1 && (
          <Select
            label={t('from')}
            size="xs"
            data={identities.map(({ id, name, email }) => ({
              value: id,
              label: name ? `${name} <${email}>` : email,
            }))}
            value={from.id}
            allowDeselect={false}
            onChange={(id) => setFrom(identities.find((each) => each.id === id) ?? from)}
          />
        )}
        <div className={css['line']}>
          <Recipients
            account={account}
            label={t('to')}
            value={draft.to}
            autoFocus={initial.to.length === 0}
            onChange={(to) => change({ to })}
          />
          {!more && (
            <Button size="compact-xs" variant="subtle" onClick={() => setMore(true)}>
              {t('ccBcc')}
            </Button>
          )}
        </div>
        {more && (
          <>
            <Recipients
              account={account}
              label={t('cc')}
              value={draft.cc}
              onChange={(cc) => change({ cc })}
            />
            <Recipients
              account={account}
              label={t('bcc')}
              value={draft.bcc}
              onChange={(bcc) => change({ bcc })}
            />
          </>
        )}
        <TextInput
          label={t('subject')}
          size="xs"
          value={draft.subject}
          onChange={(event) => change({ subject: event.currentTarget.value })}
        />
      </div>
      <Textarea
        className={css['text']!}
        classNames={{ input: css['input']!, wrapper: css['wrapper']! }}
        aria-label={t('body')}
        autoFocus={initial.to.length > 0}
        value={draft.text}
        onFocus={(event) => {
          // An answer is written above what it quotes.
          if (state === 'clean') event.currentTarget.setSelectionRange(0, 0);
        }}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
      {draft.files.length > 0 && (
        <ul className={css['files']} aria-label={t('attachments')}>
          {draft.files.map((file) => (
            <li key={file.blobId}>
              {file.name || t('unnamed')} <small>{bytesText(file.size, language)}</small>
              <CloseButton
                size="xs"
                aria-label={t('removeFile', { name: file.name })}
                onClick={() => change({ files: draft.files.filter((each) => each !== file) })}
              />
            </li>
          ))}
        </ul>
      )}
      {warned.length > 0 && (
        <Alert className={css['warned']!} color="oudo" icon={<IconAlertTriangle size={18} />} role="alert">
          {warned.map((key) => (
            <div key={key}>{t(`warnings.${key}`, { domains: outside(draft, from) })}</div>
          ))}
        </Alert>
      )}
      <footer className={css['foot']}>
        <Button
          leftSection={<IconSend size={16} />}
          loading={sending}
          disabled={uploading > 0}
          onClick={() => void send()}
        >
          {warned.length > 0 ? t('sendAnyway') : t('send')}
        </Button>
        <Button
          component="label"
          variant="default"
          leftSection={<IconPaperclip size={16} />}
          loading={uploading > 0}
        >
          {t('attach')}
          <input
            type="file"
            multiple
            hidden
            onChange={(event) => {
              void attach([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
        </Button>
        <span className={css['gap']} />
        <Button
          variant="subtle"
          color="shu"
          leftSection={<IconTrash size={16} />}
          onClick={() => void discard()}
        >
          {t('discard')}
        </Button>
      </footer>
    </section>
  );
}

function outside({ to, cc, bcc }: Draft, from: Identity): string {
  const own = from.email.slice(from.email.lastIndexOf('@') + 1).toLowerCase();
  const domains = [...to, ...cc, ...bcc]
    .map((text) =>
      text
        .slice(text.lastIndexOf('@') + 1)
        .replace(/>\s*$/, '')
        .toLowerCase(),
    )
    .filter((domain) => domain !== own);
  return [...new Set(domains)].join(', ');
}
