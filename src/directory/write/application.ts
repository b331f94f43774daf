/** Streams of an organisation, and networks and certificates that let programs submit. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { Stream, Submitter } from '../entities.ts';
import { limitsColumn, submittersMax } from '../read/application.ts';
import { existing, recordChange, type Change } from './change.ts';

/** Streams of one organisation. */
const streamsMax = 100;
/** Networks and certificates of one organisation. */
const submittersOfOrgMax = 200;

export const putStream = operation(
  'directory.putStream',
  function* ({ change, stream }: { change: Change; stream: Stream }): Transaction<void> {
    const { org, name, kind, unsubscribe, createdAtMs } = stream;
    yield* existing('organisation', 'select id from org where id = ?', org);
    const { total } = yield* row<{ total: number }>(
      'select count(*) as total from stream where org = ? and name <> ?',
      org,
      name,
    );
    if (total >= streamsMax) throw new Refusal('limitReached', `${streamsMax} streams`);
    yield* rows(
      `insert into stream (org, name, kind, unsubscribe, created_at) values (?, ?, ?, ?, ?)
       on conflict (org, name) do update set kind = excluded.kind, unsubscribe = excluded.unsubscribe`,
      org,
      name,
      kind,
      unsubscribe,
      createdAtMs,
    );
    yield* recordChange(change, { org, action: 'stream.put', subject: name, detail: { kind, unsubscribe } });
  },
);

export const deleteStream = operation(
  'directory.deleteStream',
  function* ({ change, org, name }: { change: Change; org: string; name: string }): Transaction<void> {
    yield* existing('stream', 'delete from stream where org = ? and name = ? returning name', org, name);
    yield* recordChange(change, { org, action: 'stream.delete', subject: name });
  },
  { essential: true },
);

export const createSubmitter = operation(
  'directory.createSubmitter',
  function* ({ change, submitter }: { change: Change; submitter: Submitter }): Transaction<void> {
    const { id, org, kind, value, name } = submitter;
    yield* existing('organisation', 'select id from org where id = ?', org);
    const ours = yield* row<{ total: number }>('select count(*) as total from submitter where org = ?', org);
    const all = yield* row<{ total: number }>('select count(*) as total from submitter');
    if (ours.total >= submittersOfOrgMax || all.total >= submittersMax)
      throw new Refusal('limitReached', `${submittersOfOrgMax} networks and certificates`);
    const taken = yield* maybe('select id from submitter where kind = ? and value = ?', kind, value);
    if (taken) throw new Refusal('conflict', 'is used already', { at: 'value' });
    yield* rows(
      `insert into submitter (id, org, kind, value, name, limits, created_by, created_at, expires_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      org,
      kind,
      value,
      name,
      limitsColumn(submitter.limits),
      submitter.createdBy,
      submitter.createdAtMs,
      submitter.expiresAtMs,
    );
    yield* recordChange(change, {
      org,
      action: 'submitter.create',
      subject: name,
      detail: { id, kind, value },
    });
  },
);

export const deleteSubmitter = operation(
  'directory.deleteSubmitter',
  function* ({ change, org, id }: { change: Change; org: string; id: string }): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'submitter',
      'delete from submitter where org = ? and id = ? returning name',
      org,
      id,
    );
    yield* recordChange(change, { org, action: 'submitter.delete', subject: name, detail: { id } });
  },
  { essential: true },
);
