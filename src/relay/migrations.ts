/** Tables of the relay service: what organisations keep here to send with. All lead with the organisation. */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'relay',
    version: 1,
    // `texts`: as JSON, see template/messages.ts. The newest version is the one in use.
    statements: [
      `create table relay_template (org text not null, name text not null, version integer not null, texts text not null, strict integer not null,
        note text not null, created_by text not null, created_at integer not null, primary key (org, name, version))`,
    ],
  },
  {
    part: 'relay',
    version: 2,
    // `full_at`: in microseconds.
    statements: ['create table relay_requests (org text not null primary key, full_at integer not null)'],
  },
];
