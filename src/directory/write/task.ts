/** Notes of what is still to be done for accounts (../task.ts). */
import type { AccountId, OrgId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { hint, rows, type Transaction } from '../../store/transaction.ts';
import { accountTaskTopic, type AccountTask } from '../task.ts';

/** Notes the task, within the transaction of the change. */
export function* noteTask(task: Pick<AccountTask, 'org' | 'account' | 'task' | 'atMs'>): Transaction<void> {
  yield* rows(
    `insert into account_task (org, account, task, at, version) values (?, ?, ?, ?, 1)
     on conflict (org, account, task) do update set at = excluded.at, version = account_task.version + 1`,
    task.org,
    task.account,
    task.task,
    task.atMs,
  );
  yield* hint(accountTaskTopic, task.account);
}

interface ListTasks {
  /** `forget` only when noted before this. */
  readonly forgetBeforeMs: number;
  readonly limit: number;
}

interface TaskRow {
  readonly org: string;
  readonly account: string;
  readonly task: AccountTask['task'];
  readonly at: number;
  readonly version: number;
  readonly quota: number | null;
}

/** What is to be done now, the oldest first. */
export const dueTasks = operation('directory.dueTasks', function* (asked: ListTasks): Transaction<
  readonly AccountTask[]
> {
  const found = yield* rows<TaskRow>(
    `select t.org, t.account, t.task, t.at, t.version, a.quota from account_task as t
     left join directory_account as a on a.org = t.org and a.id = t.account
     where t.task <> 'forget' or t.at < ? order by t.at, t.account, t.task limit ?`,
    asked.forgetBeforeMs,
    asked.limit,
  );
  return found.map(({ org, account, at, quota, ...rest }) => ({
    ...rest,
    org: org as OrgId,
    account: account as AccountId,
    atMs: at,
    quotaBytes: quota ?? undefined,
  }));
});

/**
 * Takes away the note of a task that was done, unless the same was asked anew meanwhile. After `remove` comes `forget`. A `quota` that another has
 * done with a newer limit is noted once more: nobody can say whose limit was set last.
 */
export const finishTask = operation(
  'directory.finishTask',
  function* ({ task, nowMs }: { task: AccountTask; nowMs: number }): Transaction<void> {
    const done = yield* rows(
      'delete from account_task where org = ? and account = ? and task = ? and version = ? returning task',
      task.org,
      task.account,
      task.task,
      task.version,
    );
    if (done.length > 0 && task.task === 'remove') yield* noteTask({ ...task, task: 'forget', atMs: nowMs });
    if (done.length === 0 && task.task === 'quota') yield* noteTask({ ...task, atMs: nowMs });
  },
  { essential: true },
);
