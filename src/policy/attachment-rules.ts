/** What is done about attachments, for each kind of trouble: settings that an organisation may have of its own. */
import type { AttachmentKind } from './attachment/inspect.ts';

/** `warn`: the mail passes, with the finding's weight and a field that says so. `hold`: into quarantine, to be released. */
export type AttachmentTreatment = 'accept' | 'warn' | 'junk' | 'hold' | 'refuse';

export type AttachmentRules = Readonly<Record<AttachmentKind, AttachmentTreatment>>;
