import type { Command } from 'commander';
import type { AuditRecord } from '../../app/admin-answers.ts';
import { Desk, part, withList, withOrg, type ListOptions } from '../desk.ts';

/** Signs of a detail told in a line. */
const detailMax = 100;

export function addAudit(program: Command): void {
  withOrg(
    withList(
      program
        .command('audit')
        .summary('who changed what')
        .description('who changed what, the newest first (--search: action, subject or who)'),
    ),
  ).action(async ({ org, ...options }: ListOptions & { org?: string }, command: Command) => {
    const desk = new Desk(command);
    const path = org === undefined ? '/audit' : `/orgs/${part((await desk.org(org)).id)}/audit`;
    desk.printList(await desk.list<AuditRecord>(path, options), [
      { title: 'when (UTC)', of: ({ atMs }) => new Date(atMs).toISOString().slice(0, 19).replace('T', ' ') },
      { title: 'who', of: ({ by, ip }) => (ip === '' ? by : `${by} from ${ip}`) },
      { title: 'what', of: ({ action }) => action },
      { title: 'of', of: ({ subject }) => subject },
      { title: '', of: ({ detail }) => detailText(detail) },
    ]);
  });
}

function detailText(detail: unknown): string {
  const known = Object.entries((detail ?? {}) as Readonly<Record<string, unknown>>).flatMap(
    ([name, value]) => {
      if (name === 'id' || value === '' || (Array.isArray(value) && value.length === 0)) return [];
      return [`${name}=${Array.isArray(value) ? value.join(',') : String(value)}`];
    },
  );
  const text = known.join(' ');
  return text.length > detailMax ? `${text.slice(0, detailMax)}…` : text;
}
