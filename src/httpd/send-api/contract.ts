/**
 * What crosses the send API, as schemas: they check what comes in, describe it in OpenAPI, and give the types of the client (clients/typescript). Times are
 * RFC 3339 text. Limits are of one message; all of them together are within `messageMaxBytes` of the settings.
 */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, oneOf } from '../admin-api/contract.ts';

export const recipientsMax = 1000;
export const batchMax = 1000;
const attachmentsMax = 100;
const headersMax = 50;
const textMaxChars = 5 * 1024 * 1024;
/** Base64 of 50 MiB. */
const contentMaxChars = 70 * 1024 * 1024;
export const scheduledMaxDays = 30;

const text = (description: string, maxLength: number) => Type.String({ description, maxLength });
export const moment = (description: string) =>
  Type.String({ description: `${description} (RFC 3339, as \`2027-01-31T09:00:00+09:00\`)`, maxLength: 40 });

const address = Type.Union(
  [
    text('`orders@shop.example` or `Shop <orders@shop.example>`.', 500),
    closed({ email: text('Address.', 400), name: Type.Optional(text('Name for people.', 300)) }),
  ],
  { description: 'One address.' },
);
const addresses = Type.Union([address, Type.Array(address, { maxItems: recipientsMax })], {
  description: 'One address or several.',
});

const attachment = closed({
  filename: Type.Optional(text('Name of the file.', 255)),
  contentType: Type.Optional(text('Media type; by the name of the file unless given.', 127)),
  content: Type.Optional(text('The file in base64.', contentMaxChars)),
  url: Type.Optional(
    text('Where it is fetched from: https, a public address, within 10 seconds, up to 25 MiB.', 2000),
  ),
  contentId: Type.Optional(text('For an image in the HTML, which names it as `cid:…`.', 200)),
});

const unsubscribe = closed(
  {
    url: Type.Optional(text('https; one click is a POST there (RFC 8058).', 2000)),
    mailto: Type.Optional(text('Address that is told.', 400)),
    scope: Type.Optional(
      oneOf(
        ['stream', 'topic', 'none'],
        'In place of both: this server makes the link and keeps who clicks it off the stream, or off the campaign. `none`: no link, whatever the stream has. For mail to one recipient.',
      ),
    ),
  },
  { description: 'List-Unsubscribe and, with a URL, List-Unsubscribe-Post.' },
);

const template = closed({
  name: text('Name of a template.', 100),
  version: Type.Optional(Type.Integer({ minimum: 1, description: 'The newest unless given.' })),
});
const data = Type.Record(Type.String(), Type.Unknown(), {
  description: 'What is inserted: subject, text and html are then templates, or that of `template` is used.',
});
const metadata = Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 500 }), {
  description: 'Kept with the message and told by webhooks.',
  maxProperties: 30,
});
const tags = Type.Array(text('Tag.', 100), { maxItems: 20, description: 'To find it by.' });

const fields = {
  from: address,
  sender: Type.Optional(address),
  to: Type.Optional(addresses),
  cc: Type.Optional(addresses),
  bcc: Type.Optional(addresses),
  replyTo: Type.Optional(addresses),
  subject: Type.Optional(text('Subject.', 2000)),
  text: Type.Optional(
    text('Plain text. Made from the HTML where it is not given; empty: none.', textMaxChars),
  ),
  html: Type.Optional(text('HTML.', textMaxChars)),
  headers: Type.Optional(
    Type.Record(Type.String({ maxLength: 100 }), text('Value.', 5000), {
      description: 'More fields of the header.',
      maxProperties: headersMax,
    }),
  ),
  attachments: Type.Optional(Type.Array(attachment, { maxItems: attachmentsMax })),
  raw: Type.Optional(
    text(
      'A whole message (RFC 5322) in base64, in place of all fields above but from, to, cc and bcc.',
      contentMaxChars,
    ),
  ),
  charset: Type.Optional(
    oneOf(['utf-8', 'iso-2022-jp'], 'ISO-2022-JP is used for each text that it can carry.'),
  ),
  textFormat: Type.Optional(
    oneOf(['fixed', 'flowed'], 'flowed: paragraphs are broken so that readers join them again (RFC 3676).'),
  ),
  unsubscribe: Type.Optional(unsubscribe),
  template: Type.Optional(template),
  data: Type.Optional(data),
  strict: Type.Optional(
    Type.Boolean({
      description: 'Refuses it when an insertion is missing or empty; as the template says, or true.',
    }),
  ),
  stream: Type.Optional(text('Stream: `transactional`, `bulk` or one of your own.', 40)),
  campaign: Type.Optional(text('Mail that belongs together, for fairness and reports.', 100)),
  tags: Type.Optional(tags),
  metadata: Type.Optional(metadata),
  sendAt: Type.Optional(moment(`Not before, at most ${scheduledMaxDays} days ahead`)),
  expiresIn: Type.Optional(
    Type.Integer({ minimum: 60, maximum: 5 * 86_400, description: 'Seconds after which it is given up.' }),
  ),
  returnPath: Type.Optional(text('Where bounces go; `from` unless given.', 400)),
  requireTls: Type.Optional(Type.Boolean({ description: 'Only over verified TLS (RFC 8689).' })),
};

export const newMessage = closed(fields);
export type NewMessage = Static<typeof newMessage>;

const { from: _from, ...overriding } = fields;
export const batchItem = closed({ ...overriding, from: Type.Optional(address) });
export const newBatch = closed({
  message: Type.Optional(closed({ ...overriding, from: Type.Optional(address) })),
  items: Type.Array(batchItem, {
    minItems: 1,
    maxItems: batchMax,
    description: 'One mail each: what it says goes over `message`.',
  }),
});
export type NewBatch = Static<typeof newBatch>;

/** One mail, or as many as a batch without what they have in common. */
export const newMessages = Type.Union([
  newMessage,
  Type.Array(newMessage, { minItems: 1, maxItems: batchMax }),
]);

export const dryRunQuery = closed({
  dryRun: Type.Optional(Type.Boolean({ description: 'Checks and renders, sends and keeps nothing.' })),
});

const recipientResult = Type.Object(
  {
    address: Type.String(),
    status: oneOf(
      ['queued', 'scheduled', 'suppressed'],
      'suppressed: on the suppression list, it gets nothing; the others do.',
    ),
    detail: Type.Optional(Type.String({ description: 'Why it is suppressed.' })),
  },
  { description: 'What was decided of one recipient.' },
);
export type RecipientResult = Static<typeof recipientResult>;

export const accepted = Type.Object({
  id: Type.String({ description: 'Id of the message.' }),
  messageId: Type.String({ description: 'Its Message-ID.' }),
  status: oneOf(['queued', 'scheduled']),
  stream: Type.String(),
  recipients: Type.Array(Type.String(), { description: 'Those that get it.' }),
  results: Type.Array(recipientResult, { description: 'All that were named, suppressed ones too.' }),
  sendAt: Type.Optional(Type.String()),
  test: Type.Optional(Type.Literal(true, { description: 'It went to the simulator.' })),
});
export type Accepted = Static<typeof accepted>;

export const preview = Type.Object({
  dryRun: Type.Literal(true),
  from: Type.String(),
  recipients: Type.Array(Type.String()),
  results: Type.Array(recipientResult),
  subject: Type.String(),
  text: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
  stream: Type.String(),
  sizeBytes: Type.Integer(),
  raw: Type.String({ description: 'The message as it would be sent, in base64; before it is signed.' }),
});

const problemItem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ at: Type.String(), detail: Type.String() }))),
});
export const batchAnswer = Type.Object({
  accepted: Type.Integer(),
  refused: Type.Integer(),
  items: Type.Array(
    Type.Union([
      Type.Object({ index: Type.Integer(), accepted: Type.Literal(true), message: accepted }),
      Type.Object({ index: Type.Integer(), accepted: Type.Literal(false), problem: problemItem }),
    ]),
  ),
});
export type BatchAnswer = Static<typeof batchAnswer>;

/** Of a dry run, or of several mails. */
export const previewOrBatch = Type.Union([preview, batchAnswer]);

export const recipientStatuses = [
  'scheduled',
  'queued',
  'deferred',
  'delivered',
  'bounced',
  'complained',
  'suppressed',
  'expanded',
  'cancelled',
] as const;
const recipientStatus = Type.Object({
  address: Type.String(),
  status: oneOf(recipientStatuses),
  at: Type.String(),
  attempts: Type.Integer(),
  reply: Type.Optional(Type.String({ description: 'What the last server said.' })),
  nextTryAt: Type.Optional(Type.String()),
});
export type RecipientStatus = Static<typeof recipientStatus>;

const summary = {
  id: Type.String(),
  messageId: Type.String(),
  acceptedAt: Type.String(),
  from: Type.String(),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  stream: Type.Optional(Type.String()),
  tags: Type.Array(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
  sendAt: Type.Optional(Type.String()),
  test: Type.Optional(Type.Literal(true)),
};
export const messageItem = Type.Object({ ...summary, to: Type.Array(Type.String()) });
export type MessageItem = Static<typeof messageItem>;
export const message = Type.Object({
  ...summary,
  recipients: Type.Array(recipientStatus),
  journey: Type.Array(
    Type.Object({
      at: Type.String(),
      event: Type.String(),
      recipient: Type.String(),
      headline: Type.String(),
      details: Type.Array(Type.String()),
    }),
    { description: 'What happened, in words.' },
  ),
});
export type MessageAnswer = Static<typeof message>;

export const messageChange = closed({ sendAt: moment('Not before') });
export const listQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: '20 unless told.' })),
  cursor: Type.Optional(text('`next` of the page before.', 100)),
  tag: Type.Optional(text('Only those with this tag.', 100)),
  stream: Type.Optional(text('Only those of this stream.', 40)),
});
export const messageQuery = closed({
  language: Type.Optional(oneOf(['en', 'ja'], 'Of the journey.')),
});
