/** A sheet over the conversation in which a mail is written. It is kept at every pause, warns before something is forgotten, and what was sent can be taken back for a moment. */
import { CloseButton, Menu } from '@mantine/core';
import { IconLink, IconSignature, IconTemplate } from '@tabler/icons-react';
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import { toast, toastError } from '../../parts/toasts.tsx';
import { useWords } from '../../words.ts';
import { core, jmapSession, submission, upload } from '../jmap/client.ts';
import type { Id, Identity, Mailbox } from '../jmap/types.ts';
import { begun, identityFor, inPlain, inRich, signedBy } from './begin.ts';
import { Body } from './Body.tsx';
import { type Draft, type DraftFile, type DraftImage, type Format, isEmpty, unkept } from './draft.ts';
import { Fields } from './Fields.tsx';
import { Files } from './Files.tsx';
import { sharedFilesQuery } from './hand-out.ts';
import { withLink } from './insert-link.ts';
import { LargeFile } from './LargeFile.tsx';
import { unwritable } from './jis.ts';
import { dropDraft, sendDraft, takeBack, wordsOf } from './message.ts';
import { EncodingNotice, Facts, LaterNotice, laterText, Warnings } from './Notices.tsx';
import { preferredFormat } from './preferences.ts';
import { SendBar } from './SendBar.tsx';
import { SendLater } from './SendLater.tsx';
import { Templates } from './Templates.tsx';
import { Identities } from './Identities.tsx';
import { useKeeping } from './useKeeping.ts';
import { warningsOf } from './warnings.ts';
import css from './compose.module.css';

export interface ComposerProps {
  readonly account: Id;
  readonly identities: readonly Identity[];
  readonly mailboxes: readonly Mailbox[];
  readonly boxes: { readonly drafts: Id; readonly sent: Id };
  /** Seconds for which the server holds what is sent; 0: it cannot. */
  readonly holdSeconds: number;
  readonly initial: Draft;
  readonly onClose: () => void;
  /** It was taken back: to be written on. */
  readonly onReopen: (draft: Draft) => void;
}

type Capability = Readonly<Record<string, unknown>> | undefined;

export function Composer(props: ComposerProps) {
  const { account, identities, boxes, holdSeconds, initial, onClose, onReopen } = props;
  const { t, language } = useWords('mail/compose');
  const client = useQueryClient();
  const { data: session } = useSuspenseQuery(jmapSession);
  const delayMax = Number(
    session.accounts[account]?.accountCapabilities[submission]?.['maxDelayedSend'] ?? 0,
  );
  const [from, setFrom] = useState(() => identityFor(identities, initial.as));
  const [first] = useState(() => begun(initial, { account, from, format: preferredFormat() }));
  const [draft, setDraft] = useState(first);
  const [version, setVersion] = useState(0);
  const [uploading, setUploading] = useState(0);
  const [warned, setWarned] = useState<readonly string[]>([]);
  const [sending, setSending] = useState(false);
  const [untilMs, setUntilMs] = useState<number | undefined>();
  const [choosingTime, setChoosingTime] = useState(false);
  const { data: shared } = useQuery(sharedFilesQuery);
  const limits = shared?.limits ?? { fileMaxBytes: 0, offerFromBytes: 0 };
  const offersLinks = limits.fileMaxBytes > 0;
  /** Too large to be attached unasked: one after the other is asked about. */
  const [large, setLarge] = useState<readonly File[]>([]);
  const linkFile = useRef<HTMLInputElement>(null);
  const uploadMax = Number((session.capabilities[core] as Capability)?.['maxSizeUpload'] ?? 0);
  const [shown, setShown] = useState<'templates' | 'identities' | undefined>();
  const keeping = useKeeping({ account, drafts: boxes.drafts, draft, from, paused: sending });
  const sheet = useRef<HTMLElement>(null);
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    keeping.changed();
    setWarned([]);
  };
  /** The whole of it is another: the text on view is written anew. */
  const replace = (next: Draft): void => {
    change(next);
    setVersion((before) => before + 1);
  };
  const refresh = (): void => void client.invalidateQueries({ queryKey: ['mail', account] });

  const close = async (): Promise<void> => {
    onClose();
    if (keeping.state === 'changed') await keeping.save().catch(toastError);
    refresh();
  };
  const discard = async (): Promise<void> => {
    onClose();
    const id = await keeping.kept();
    if (id !== undefined) await dropDraft(account, id).catch(toastError);
    refresh();
    if (!isEmpty(draft)) toast({ text: t('discarded'), undo: () => onReopen(unkept(draft)) });
  };
  const send = async (): Promise<void> => {
    const warnings = warningsOf(draft, from, {
      given: initial.kept === undefined ? first.text : '',
      subjectGiven: initial.subject !== '',
      withoutForm: draft.charset === 'utf-8' ? 0 : unwritable(wordsOf(draft, from)).length,
    });
    const stops = warnings.filter(({ stops: isStop }) => isStop);
    if (stops.length > 0) return setWarned(stops.map(({ key }) => key));
    const keys = warnings.map(({ key }) => key);
    if (keys.some((key) => !warned.includes(key))) return setWarned(keys);
    if (untilMs !== undefined && untilMs <= Date.now()) return setChoosingTime(true);
    setSending(true);
    try {
      const id = await keeping.kept();
      const whole = id === undefined ? unkept(draft) : { ...draft, id };
      const { submission: held, email } = await sendDraft(account, whole, from, {
        ...boxes,
        holdSeconds,
        onKept: keeping.keptAs,
        ...(untilMs !== undefined && { untilMs }),
      });
      onClose();
      const undo = (): void =>
        void takeBack(account, held, boxes).then(
          () => onReopen({ ...draft, id: email, as: [from.email] }),
          toastError,
        );
      toast({
        text: untilMs === undefined ? t('sent') : t('scheduled', { time: laterText(untilMs, language) }),
        mood: 'good',
        ...((holdSeconds > 0 || untilMs !== undefined) && { undo }),
      });
      refresh();
    } catch (error) {
      toastError(error);
      setSending(false);
    }
  };
  const take = async (file: File): Promise<DraftFile | undefined> => {
    setUploading((count) => count + 1);
    try {
      const { blobId, type, size } = await upload(account, file);
      return { blobId, name: file.name, type, size };
    } catch (error) {
      toastError(error);
      return undefined;
    } finally {
      setUploading((count) => count - 1);
    }
  };
  const attach = async (files: readonly File[], anyway = false): Promise<void> => {
    const asked = anyway ? [] : files.filter(({ size }) => offersLinks && size >= limits.offerFromBytes);
    setLarge((before) => [...before, ...asked]);
    for (const file of files) {
      if (asked.includes(file)) continue;
      const taken = await take(file);
      if (taken === undefined) continue;
      setDraft((before) => ({ ...before, files: [...before.files, taken] }));
      keeping.changed();
    }
  };
  const picture = async (file: File): Promise<DraftImage | undefined> => {
    const taken = await take(file);
    if (taken === undefined) return undefined;
    const image = { ...taken, cid: newCid() };
    setDraft((before) => ({ ...before, images: [...before.images, image] }));
    return image;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // 229: the key belongs to an IME (Safari says so after the conversion has ended).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    // What floats above the sheet has its own keys.
    if (!sheet.current?.contains(event.target as Node)) return;
    if (event.key === 'Escape' && !event.defaultPrevented) void close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!sending && uploading === 0) void send();
    }
  };
  return (
    <section
      ref={sheet}
      className={css['sheet']}
      aria-label={t('sheet')}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event: DragEvent) => {
        if (event.dataTransfer.files.length === 0 || event.defaultPrevented) return;
        event.preventDefault();
        void attach([...event.dataTransfer.files]);
      }}
      onKeyDown={onKeyDown}
    >
      <header className={css['head']}>
        <h2>{draft.subject.trim() || t('newMessage')}</h2>
        <span className={css['state']}>{keeping.state === 'saved' && t('saved')}</span>
        <CloseButton aria-label={t('closeDraft')} onClick={() => void close()} />
      </header>
      <Fields
        account={account}
        draft={draft}
        from={from}
        identities={identities}
        onFrom={(next) => {
          setFrom(next);
          replace(signedBy(draft, from, next));
        }}
        onChange={change}
      />
      <Body
        account={account}
        draft={draft}
        version={version}
        autoFocus={initial.to.length > 0}
        onChange={change}
        onDropQuote={() => {
          const { quote: _, ...rest } = draft;
          setDraft(rest);
          keeping.changed();
        }}
        onPicture={picture}
      />
      <div className={css['notices']}>
        <Files
          files={draft.files}
          onRemove={(file) => change({ files: draft.files.filter((each) => each !== file) })}
        />
        <EncodingNotice draft={draft} from={from} onUtf8={() => change({ charset: 'utf-8' })} />
        <LaterNotice
          untilMs={untilMs}
          onChange={() => setChoosingTime(true)}
          onNow={() => setUntilMs(undefined)}
        />
        <Warnings
          keys={warned}
          draft={draft}
          from={from}
          onBcc={() => change({ to: [], cc: [], bcc: [...draft.to, ...draft.cc, ...draft.bcc] })}
        />
        <Facts draft={draft} from={from} />
      </div>
      <SendBar
        sendWord={warned.length > 0 ? 'sendAnyway' : untilMs === undefined ? 'send' : 'schedule'}
        sending={sending}
        uploading={uploading > 0}
        format={draft.format}
        charset={draft.charset}
        canSendLater={delayMax > 0}
        onSend={() => void send()}
        onLater={() => setChoosingTime(true)}
        onAttach={(files) => void attach(files)}
        onFormat={(format: Format) => replaceForm(format)}
        onCharset={(charset) => change({ charset })}
        onDiscard={() => void discard()}
      >
        <Menu.Item
          leftSection={<IconTemplate size={16} stroke={1.5} />}
          onClick={() => setShown('templates')}
        >
          {t('templates')}
        </Menu.Item>
        {offersLinks && (
          <Menu.Item
            leftSection={<IconLink size={16} stroke={1.5} />}
            onClick={() => linkFile.current?.click()}
          >
            {t('linkFile')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconSignature size={16} stroke={1.5} />}
          onClick={() => setShown('identities')}
        >
          {t('identities')}
        </Menu.Item>
      </SendBar>
      {shown === 'templates' && (
        <Templates
          account={account}
          mailboxes={props.mailboxes}
          draft={draft}
          from={from}
          onUse={replace}
          onClose={() => setShown(undefined)}
        />
      )}
      {shown === 'identities' && (
        <Identities account={account} identities={identities} onClose={() => setShown(undefined)} />
      )}
      <input
        ref={linkFile}
        type="file"
        hidden
        aria-label={t('linkFile')}
        onChange={(event) => {
          setLarge([...large, ...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      {large[0] !== undefined && (
        <LargeFile
          key={large.length}
          file={large[0]}
          onAttach={large[0].size < uploadMax / 1.4 ? () => attachLarge(large[0]!) : undefined}
          onLink={(line) => replace(withLink(draft, line))}
          onClose={() => setLarge((before) => before.slice(1))}
        />
      )}
      {choosingTime && (
        <SendLater
          initialMs={untilMs}
          maxSeconds={delayMax}
          onClose={() => setChoosingTime(false)}
          onChoose={(ms) => {
            setUntilMs(ms);
            setChoosingTime(false);
            setWarned([]);
          }}
        />
      )}
    </section>
  );

  function attachLarge(file: File): void {
    setLarge((before) => before.slice(1));
    void attach([file], true);
  }

  function replaceForm(format: Format): void {
    const next = format === 'plain' ? inPlain(draft) : inRich(draft);
    setDraft(next);
    setVersion((before) => before + 1);
    keeping.changed();
    setWarned([]);
  }
}

/** Names a picture within the mail and nowhere else (RFC 2392). */
function newCid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}@hikyaku`;
}
