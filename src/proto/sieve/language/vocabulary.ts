/** Every command and test there is. */
import { address } from './address.ts';
import { allof, anyof, constants, discard, not, size, stop } from './base.ts';
import { body } from './body.ts';
import { currentdate, date } from './date.ts';
import type { CommandDefinition, TestDefinition } from './definition.ts';
import { duplicate } from './duplicate.ts';
import { addheader, deleteheader } from './edit-header.ts';
import { envelope } from './envelope.ts';
import { environment } from './environment.ts';
import { flagCommands, hasflag } from './flags.ts';
import { exists, header } from './header.ts';
import { error, ihave } from './ihave.ts';
import { global, include, returnCommand } from './include.ts';
import { validExtList } from './lists.ts';
import { mailboxTests } from './mailboxes.ts';
import { notify, notifyMethodCapability, validNotifyMethod } from './notify.ts';
import { breakCommand, extracttext, foreverypart } from './parts.ts';
import { fileinto, keep, redirect } from './placing.ts';
import { refusals } from './reject.ts';
import { enclose, replace } from './rewriting.ts';
import { filterTests } from './spam.ts';
import { vacation } from './vacation.ts';
import { set, string } from './variable-commands.ts';

export const commands: readonly CommandDefinition[] = [
  stop,
  keep,
  discard,
  fileinto,
  redirect,
  ...refusals,
  vacation,
  notify,
  set,
  ...flagCommands,
  addheader,
  deleteheader,
  include,
  returnCommand,
  global,
  error,
  foreverypart,
  breakCommand,
  extracttext,
  replace,
  enclose,
];

export const tests: readonly TestDefinition[] = [
  ...constants,
  not,
  allof,
  anyof,
  size,
  header,
  exists,
  address,
  envelope,
  string,
  hasflag,
  body,
  date,
  currentdate,
  environment,
  ihave,
  ...mailboxTests,
  duplicate,
  validExtList,
  validNotifyMethod,
  notifyMethodCapability,
  ...filterTests,
];
