/** All phrases, from the special to the general: what stands earlier wins among equals. */
import { ofMessages } from './of-messages.ts';
import { ofRecipients } from './of-recipients.ts';
import { ofRecipientsAbroad } from './of-recipients-abroad.ts';
import { ofSenders } from './of-senders.ts';
import { ofSystems } from './of-systems.ts';
import { Phrasebook } from './phrase.ts';

export const phrasebook = new Phrasebook([
  ...ofSenders,
  ...ofRecipients,
  ...ofRecipientsAbroad,
  ...ofSystems.slice(0, 3),
  ...ofMessages,
  ...ofSystems.slice(3),
]);
