/** One message of a conversation: folded to a line, or open with who stands behind it, its text, its attachments. */
import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCode,
  IconDots,
  IconDownload,
  IconMailOff,
  IconPhotoOff,
  IconQuestionMark,
  IconRoute,
  IconShieldCheck,
} from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { bytesText, exactTime } from '../../parts/When.tsx';
import { useWords, type Language } from '../../words.ts';
import { downloadUrl } from '../jmap/client.ts';
import type { Email, Id } from '../jmap/types.ts';
import type { Draft } from '../compose/draft.ts';
import { draftTo, replyTo } from '../compose/answers.ts';
import { namesOf, shortTime } from '../list/Row.tsx';
import { standingOf, type SenderStanding } from './authentication.ts';
import { bodyText } from './body-text.ts';
import { Frame } from './Frame.tsx';
import { cleaned } from './sanitise.ts';
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
          <Unsubscribe {...props} />
          <Body {...props} />
          <Attachments {...props} />
        </>
      )}
    </article>
  );
}

/** With its hour, however old it is. */
const readTime = (atMs: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);

/** By its link, or by a mail that is written (RFC 2369); nothing is fetched for it. */
function Unsubscribe({ email, onCompose }: MessageProps) {
  const { t } = useWords('mail');
  const urls = email['header:List-Unsubscribe:asURLs'] ?? [];
  const link = urls.find((url) => /^https:/i.test(url));
  const mailto = urls.find((url) => /^mailto:/i.test(url));
  if (link !== undefined)
    return (
      <a className={css['unsubscribe']} href={link} target="_blank" rel="noopener noreferrer nofollow">
        {t('unsubscribe')}
      </a>
    );
  if (mailto === undefined) return null;
  return (
    <button type="button" className={css['unsubscribe']} onClick={() => onCompose(draftTo(mailto))}>
      {t('unsubscribe')}
    </button>
  );
}

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
          <Menu.Item component="a" href={source} target="_blank" leftSection={<IconCode {...icon} />}>
            {t('source')}
          </Menu.Item>
          {email.messageId?.[0] !== undefined && (
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

function Attachments({ account, email }: MessageProps) {
  const { t, language } = useWords('mail');
  // Pictures that stand in the text are seen there.
  const files = email.attachments.filter(
    ({ cid, disposition }) => cid === null || disposition === 'attachment',
  );
  if (files.length === 0) return null;
  return (
    <ul className={css['files']} aria-label={t('attachments')}>
      {files.map((part, i) => (
        <li key={part.partId ?? i}>
          <a href={downloadUrl(account, part)} download={part.name ?? true}>
            <IconDownload size={16} stroke={1.5} aria-hidden />
            <span>{part.name ?? t('unnamed')}</span>
            <small>{bytesText(part.size, language)}</small>
          </a>
        </li>
      ))}
    </ul>
  );
}
