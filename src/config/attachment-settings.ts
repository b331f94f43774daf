/** Settings of what is done about attachments. */
import { count, flag, oneOf, section } from './fields.ts';

const treatments = ['accept', 'warn', 'junk', 'hold', 'refuse'] as const;

const treatment = (description: string, fallback: (typeof treatments)[number]) =>
  oneOf(description, treatments, fallback);

export const attachments = section(
  'Attachments, looked at by name and by content, also within archives. For each kind of trouble: `accept`; `warn` adds to the score of the filters and puts `X-Attachment-Warning` into the header; `junk`; `hold` puts the mail into quarantine, from where it can be released (mail of our own users is refused in its place, so that they hear of it); `refuse`. Organisations may have it otherwise.',
  {
    enabled: flag('Look at attachments at all.', true),
    program: treatment(
      'Programs, scripts, shortcuts, images of disks: what runs when it is opened, by extension or by content.',
      'hold',
    ),
    disguised: treatment(
      'Files that are not what their name says: a program called `invoice.pdf`, two extensions, names that run backwards or hide their end.',
      'hold',
    ),
    encrypted: treatment(
      'Encrypted archives, into which nobody can look (PPAP: the password comes in the next mail).',
      'warn',
    ),
    macro: treatment('Documents of Office with macros.', 'warn'),
    bomb: treatment('Archives made to harm who unpacks them.', 'hold'),
    unread: treatment(
      'Archives that could not be looked into all the same: broken, nested too deep, too large, of a kind that is not unpacked here (cab, xz; of RAR and 7z the names are read).',
      'accept',
    ),
    keptMiB: count('Attachments of one mail that are held in memory to be looked into.', {
      min: 1,
      max: 256,
      default: 10,
    }),
    unpackedMiB: count('What one mail may make the server unpack.', { min: 1, max: 1024, default: 50 }),
  },
);
