/** One message of a conversation: folded to a line, or open with who stands behind it, its text, its attachments. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconBan,
  IconCode,
  IconDots,
  IconFilter,
  IconMailOff,
  IconPhotoOff,
  IconQuestionMark,
  IconRoute,
  IconShieldCheck,
  IconUserPlus,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { toast, toastError } from '../../parts/toasts.tsx';
import { exactTime } from '../../parts/When.tsx';
import { useMay } from '../../session/session.ts';
import { useWords, type Language } from '../../words.ts';
import { block, unblock } from '../data/blocking.ts';
import { downloadUrl } from '../jmap/client.ts';
import type { Email, Id } from '../jmap/types.ts';
import type { Draft } from '../compose/draft.ts';
import { draftTo, replyTo } from '../compose/answers.ts';
import { namesOf, shortTime } from '../list/Row.tsx';
import { standingOf, type SenderStanding } from './authentication.ts';
import { bodyText } from './body-text.ts';
import { Frame } from './Frame.tsx';
import { cleaned } from './sanitise.ts';
import { Files } from './Files.tsx';
import { SenderNotice } from './SenderNotice.tsx';
import { Unsubscribe } from './Unsubscribe.tsx';
import { PlainText } from './PlainText.tsx';
import css from './read.module.css';

interface MessageProps {
  readonly account: Id;
  readonly email: Email;
  readonly own: readonly string[];
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly onCompose: (draft: Draft) => void;
  readonly onUnread: () => void;
}

export function Message(props: MessageProps) {
  const { email, open, onToggle } = props;
  const { t, language } = useWords('mail');
  const atMs = Date.parse(email.receivedAt);
  const standing = standingOf(email['header:Authentication-Results:asText:all'], email.from?.[0]?.email);
  return (
    <article className={css['message']} data-open={open || undefined}>
      <header className={css['top']}>
        <button type="button" className={css['from']} onClick={onToggle} aria-expanded={open}>
          <span className={css['name']}>{namesOf(email.from) || t('noSender')}</span>
          {open ? (
            <span className={css['address']}>{email.from?.[0]?.email}</span>
          ) : (
            <span className={css['address']}>{email.preview}</span>
          )}
        </button>
        <time dateTime={email.receivedAt} title={exactTime(atMs, language)} className={css['time']}>
          {open ? readTime(atMs, language) : shortTime(atMs, language)}
        </time>
        {open && <MessageMenu {...props} />}
      </header>
      {open && (
        <>
          <p className={css['to']}>
            {t('toWhom', { names: namesOf(email.to) || t('noRecipient') })}
            {(email.cc?.length ?? 0) > 0 && <> · {t('ccWhom', { names: namesOf(email.cc) })}</>}
          </p>
          <Sender standing={standing} />
          <SenderNotice account={props.account} email={email} own={props.own} />
          <Unsubscribe email={email} proved={standing.is === 'signed'} onCompose={props.onCompose} />
          <Body {...props} />
          <Files account={props.account} email={email} />
        </>
      )}
    </article>
  );
}

/** With its hour, however old it is. */
const readTime = (atMs: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);

function Sender({ standing }: { readonly standing: SenderStanding }) {
  const { t } = useWords('mail');
  const Mark = { signed: IconShieldCheck, forged: IconAlertTriangle, unknown: IconQuestionMark }[standing.is];
  return (
    <p className={css['sender']} data-is={standing.is}>
      <Mark size={16} stroke={1.5} aria-hidden />
      {t(`sender.${standing.is}`, { domain: standing.domain })}
    </p>
  );
}

function MessageMenu({ account, email, own, onCompose, onUnread }: MessageProps) {
  const { t } = useWords('mail');
  const may = useMay();
  const navigate = useNavigate();
  const from = email.from?.[0]?.email ?? '';
  const source = downloadUrl(account, { blobId: email.blobId, name: 'message.eml', type: 'message/rfc822' });
  const icon = { size: 16, stroke: 1.5 } as const;
  return (
    <span className={css['tools']}>
      <Tooltip label={t('reply')}>
        <ActionIcon
          variant="subtle"
          aria-label={t('reply')}
          onClick={() => onCompose(replyTo(email, own, 'sender'))}
        >
          <IconArrowBackUp {...icon} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={t('more')}>
            <IconDots {...icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconArrowForwardUp {...icon} />}
            onClick={() => onCompose(replyTo(email, own, 'forward'))}
          >
            {t('forward')}
          </Menu.Item>
          <Menu.Item leftSection={<IconMailOff {...icon} />} onClick={onUnread}>
            {t('markUnread')}
          </Menu.Item>
          {from !== '' && !own.includes(from) && (
            <>
              <Menu.Item
                leftSection={<IconUserPlus {...icon} />}
                onClick={() =>
                  void navigate({ to: '/contacts', search: { new: from, name: email.from?.[0]?.name ?? '' } })
                }
              >
                {t('addContact')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconFilter {...icon} />}
                onClick={() => void navigate({ to: '/mail/settings', search: { tab: 'rules', from } })}
              >
                {t('makeRule')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconBan {...icon} />}
                onClick={() => blockSender(from, t('blocked', { from }))}
              >
                {t('block')}
              </Menu.Item>
            </>
          )}
          <Menu.Item component="a" href={source} target="_blank" leftSection={<IconCode {...icon} />}>
            {t('source')}
          </Menu.Item>
          {email.messageId?.[0] !== undefined && may('messages:read') && (
            <Menu.Item
              component="a"
              href={`/console/log?q=${encodeURIComponent(email.messageId[0])}`}
              leftSection={<IconRoute {...icon} />}
            >
              {t('journey')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}

function blockSender(from: string, told: string): void {
  const address = from.toLowerCase();
  block(address).then(
    () => toast({ text: told, undo: () => void unblock(address).catch(toastError) }),
    toastError,
  );
}

function Body({ account, email, onCompose }: MessageProps) {
  const { t } = useWords('mail');
  const [remote, setRemote] = useState(false);
  const html = bodyText(email, email.htmlBody);
  const isHtml = email.htmlBody.some(({ type }) => type === 'text/html');
  const clean = useMemo(
    () =>
      isHtml
        ? cleaned(html, {
            cidUrl: (cid) => {
              const part = email.attachments.find((each) => each.cid === cid);
              return part && downloadUrl(account, part);
            },
            remoteUrl: remote ? (url) => `/api/v1/remote-image?url=${encodeURIComponent(url)}` : undefined,
          })
        : undefined,
    [account, email, html, isHtml, remote],
  );
  const cut = Object.values(email.bodyValues).some(({ isTruncated }) => isTruncated);
  return (
    <div className={css['body']}>
      {clean && clean.blocked > 0 && (
        <p className={css['notice']}>
          <IconPhotoOff size={16} stroke={1.5} aria-hidden />
          <span>{t('imagesBlocked', { count: clean.blocked })}</span>
          <Button size="compact-xs" variant="subtle" onClick={() => setRemote(true)}>
            {t('showImages')}
          </Button>
        </p>
      )}
      {clean ? (
        <Frame html={clean.html} onMailto={(url) => onCompose(draftTo(url))} />
      ) : (
        <PlainText text={bodyText(email, email.textBody)} onMailto={(url) => onCompose(draftTo(url))} />
      )}
      {cut && <p className={css['notice']}>{t('bodyCut')}</p>}
    </div>
  );
}
