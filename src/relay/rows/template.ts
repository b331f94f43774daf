/** Templates as rows: one for each version. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { TemplateTexts } from '../template/messages.ts';
import type { MailTemplate } from '../templates.ts';

/** Templates of one organisation. */
const templatesMax = 1000;
/** Versions of one template that are kept. */
const versionsMax = 100;

interface TemplateRow {
  readonly name: string;
  readonly version: number;
  readonly texts: string;
  readonly strict: number;
  readonly note: string;
  readonly created_by: string;
  readonly created_at: number;
}

const columns = 'name, version, texts, strict, note, created_by, created_at';

const toTemplate = (found: TemplateRow): MailTemplate => ({
  name: found.name,
  version: found.version,
  texts: JSON.parse(found.texts) as TemplateTexts,
  strict: found.strict === 1,
  note: found.note,
  createdBy: found.created_by,
  createdAtMs: found.created_at,
});

export function* templateOf(
  org: string,
  name: string,
  version?: number,
): Transaction<MailTemplate | undefined> {
  const found = yield* maybe<TemplateRow>(
    `select ${columns} from relay_template where org = ? and name = ? and version = coalesce(?,
       (select max(version) from relay_template where org = ? and name = ?))`,
    org,
    name,
    version ?? null,
    org,
    name,
  );
  return found && toTemplate(found);
}

export const listTemplates = operation(
  'relay.listTemplates',
  function* (args: { org: string; after: string; limit: number }): Transaction<readonly MailTemplate[]> {
    const found = yield* rows<TemplateRow>(
      `select ${columns} from relay_template t where org = ? and name > ?
       and version = (select max(version) from relay_template n where n.org = t.org and n.name = t.name) order by name limit ?`,
      args.org,
      args.after,
      args.limit,
    );
    return found.map(toTemplate);
  },
);

type PutTemplate = Omit<MailTemplate, 'version'> & { readonly org: string };

/** Gives the number of the version. */
export const putTemplate = operation('relay.putTemplate', function* (args: PutTemplate): Transaction<number> {
  const { org, name } = args;
  const others = yield* row<{ total: number }>(
    'select count(distinct name) as total from relay_template where org = ? and name <> ?',
    org,
    name,
  );
  if (others.total >= templatesMax) throw new Refusal('limitReached', `${templatesMax} templates`);
  const { last } = yield* row<{ last: number | null }>(
    'select max(version) as last from relay_template where org = ? and name = ?',
    org,
    name,
  );
  const version = (last ?? 0) + 1;
  yield* rows(
    `insert into relay_template (org, name, version, texts, strict, note, created_by, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)`,
    org,
    name,
    version,
    JSON.stringify(args.texts),
    args.strict ? 1 : 0,
    args.note,
    args.createdBy,
    args.createdAtMs,
  );
  yield* rows(
    'delete from relay_template where org = ? and name = ? and version <= ?',
    org,
    name,
    version - versionsMax,
  );
  return version;
});

export const deleteTemplate = operation(
  'relay.deleteTemplate',
  function* ({ org, name }: { org: string; name: string }): Transaction<void> {
    const gone = yield* rows(
      'delete from relay_template where org = ? and name = ? returning version',
      org,
      name,
    );
    if (gone.length === 0) throw new Refusal('notFound', 'no such template');
  },
  { essential: true },
);
