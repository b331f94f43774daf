/** Makes notices: decides what is returned, composes, and finds where the sender's mail goes. */
import type { Clock } from '../../base/clock.ts';
import { newEntryId, newMessageId, newSecret } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Directory } from '../../directory/directory.ts';
import type { MailEvent } from '../../events/event.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import { splitAddress } from '../../proto/smtp/path.ts';
import { localDestination } from '../../queue/attempt.ts';
import type { QueuedMessage, QueuedRecipient } from '../../queue/message.ts';
import type { Notice, NoticeRequest } from '../../queue/notice.ts';
import type { Bodies } from '../../store/body.ts';
import type { DeliveryOptions } from '../options.ts';
import { asBuffer } from '../smtp/text.ts';
import { composeReport, headerOf } from './report.ts';

/** A header longer than this is cut at a line. */
const headerMaxBytes = 32 * 1024;

export interface NoticeParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly bodies: Bodies;
  readonly directory: Pick<Directory, 'resolve' | 'isLocalDomain'>;
  readonly options: DeliveryOptions;
  readonly sign?: (message: Buffer) => Promise<Buffer>;
}

export class Notices {
  readonly #parts: NoticeParts;

  constructor(parts: NoticeParts) {
    this.#parts = parts;
  }

  /** Undefined when there is nobody to tell. What becomes of a notice itself is told to whoever the settings name (RFC 5321, 6.1 has no sender for it). */
  async make(request: NoticeRequest): Promise<Notice | undefined> {
    const { clock, log, options, sign = unsigned } = this.#parts;
    const { doubleBounceTo = '' } = options;
    const to = request.message.sender || doubleBounceTo;
    const destination = await this.#destinationOf(to);
    if (destination === undefined) {
      log.info({ message: request.message.id, about: request.about }, 'nobody to send a notice to');
      return undefined;
    }
    const id = newMessageId(clock);
    const { hostname } = options;
    const messageId = `<${id}@${hostname}>`;
    const report = composeReport({
      request,
      returned: await this.#returned(request),
      hostname,
      from: splitAddress(options.noticeFrom ?? `mailer-daemon@${hostname}`)!,
      to: splitAddress(to)!,
      messageId,
      boundary: `=_${newSecret()}`,
    });
    const bytes = await sign(report);
    const nowMs = clock.nowMs();
    const expiresAtMs = nowMs + options.noticeLifetimeMs;
    const message = noticeMessage(request, { id, bytes, messageId, nowMs, expiresAtMs });
    const isFirst = request.message.sender !== '' && doubleBounceTo !== '' && doubleBounceTo !== to;
    const recipient: QueuedRecipient = {
      id: newEntryId(id, 0),
      address: to,
      orcpt: '',
      notify: isFirst ? ['failure'] : ['never'],
      destination,
    };
    return {
      submission: { message, recipients: [recipient], body: { is: 'inline', bytes } },
      events: [acceptedEvent(message, to)],
    };
  }

  async #destinationOf(sender: string): Promise<string | undefined> {
    const mailbox = splitAddress(sender);
    const domain = mailbox && domainToAscii(mailbox.domain);
    if (!domain) return undefined;
    if (!(await this.#parts.directory.isLocalDomain(domain))) return domain;
    const resolution = await this.#parts.directory.resolve(sender);
    return resolution.is === 'account' || resolution.is === 'expanded' ? localDestination : undefined;
  }

  /** RET (RFC 3461, 4.3) counts for failures; other notices return the header. So do those of REQUIRETLS mail (RFC 8689, 5). */
  async #returned({
    about,
    message,
    body,
  }: NoticeRequest): Promise<{ is: 'full' | 'headers'; bytes: Buffer }> {
    const { bodies, options } = this.#parts;
    const small = message.sizeBytes <= options.returnedMaxBytes;
    const full = about === 'failure' && message.ret === 'full' && small && !message.requireTls;
    const limit = full ? options.returnedMaxBytes : headerMaxBytes;
    const bytes = asBuffer(body.is === 'inline' ? body.bytes : await bodies.read(body, 0, limit));
    if (full) return { is: 'full', bytes };
    const header = headerOf(bytes);
    return { is: 'headers', bytes: header.length > headerMaxBytes ? cutAtLine(header) : header };
  }
}

const unsigned = async (message: Buffer): Promise<Buffer> => message;

function cutAtLine(header: Buffer): Buffer {
  const end = header.lastIndexOf('\r\n', headerMaxBytes, 'latin1');
  return header.subarray(0, end === -1 ? headerMaxBytes : end + 2);
}

interface Made {
  readonly id: QueuedMessage['id'];
  readonly bytes: Buffer;
  readonly messageId: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

function noticeMessage(
  { message, about }: NoticeRequest,
  { id, bytes, messageId, nowMs, expiresAtMs }: Made,
): QueuedMessage {
  return {
    id,
    org: message.org,
    account: '',
    stream: 'transactional',
    campaign: '',
    sender: '',
    language: message.language,
    envid: '',
    ret: '',
    bodyKind: bytes.some((byte) => byte > 0x7f) ? '8bitmime' : '7bit',
    smtpUtf8: message.smtpUtf8,
    requireTls: message.requireTls,
    ...(message.tlsOptional === true && { tlsOptional: true }),
    priority: 0,
    acceptedAtMs: nowMs,
    notBeforeMs: nowMs,
    expiresAtMs,
    sizeBytes: bytes.length,
    headerMessageId: messageId,
    subject: `${about}: ${message.subject}`.slice(0, 200),
  };
}

function acceptedEvent(message: QueuedMessage, recipient: string): MailEvent {
  return {
    is: 'accepted',
    atMs: message.acceptedAtMs,
    message: message.id,
    org: message.org,
    recipient: '',
    data: {
      via: 'system',
      sender: '',
      recipients: [recipient],
      sizeBytes: message.sizeBytes,
      headerMessageId: message.headerMessageId,
      subject: message.subject,
      account: '',
      peer: '',
      helo: '',
      tls: null,
      reply: '',
    },
  };
}
