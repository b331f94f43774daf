/** All phrases. */
import { ofClients } from './of-clients.ts';
import { ofMailboxes } from './of-mailboxes.ts';
import { ofMessages } from './of-messages.ts';
import { ofNetworks } from './of-networks.ts';
import { ofSenders } from './of-senders.ts';
import { ofSystems } from './of-systems.ts';
import { ofUnknownUsersAbroad } from './of-unknown-users-abroad.ts';
import { ofUnknownUsers } from './of-unknown-users.ts';
import { Phrasebook } from './phrase.ts';

export const phrasebook = new Phrasebook([
  ...ofClients,
  ...ofSenders,
  ...ofMailboxes,
  ...ofUnknownUsers,
  ...ofUnknownUsersAbroad,
  ...ofMessages,
  ...ofNetworks,
  ...ofSystems,
]);
