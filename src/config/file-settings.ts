/** Settings of large files that are handed out by link. */
import { parcelDefaults } from '../parcel/options.ts';
import { count, section } from './fields.ts';

const mebibyte = 1024 * 1024;

export const files = section('Large files that people hand out by link in place of attachments.', {
  fileMiB: count('Size of one file in MiB; 0: no files are handed out.', {
    min: 0,
    max: 102_400,
    default: parcelDefaults.fileMaxBytes / mebibyte,
  }),
  accountMiB: count('Size of all files of one account that are there at once, in MiB.', {
    min: 1,
    max: 10_240_000,
    default: parcelDefaults.accountMaxBytes / mebibyte,
  }),
  days: count('Days that a link holds when nobody says otherwise.', {
    min: 1,
    max: 365,
    default: parcelDefaults.days,
  }),
  daysMax: count('Days that a link may hold.', { min: 1, max: 365, default: parcelDefaults.daysMax }),
  offerFromMiB: count('Size in MiB from which on the page offers a link in place of an attachment.', {
    min: 1,
    max: 50,
    default: parcelDefaults.offerFromBytes / mebibyte,
  }),
});
