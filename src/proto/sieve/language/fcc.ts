/** `:fcc` (RFC 8580): a copy of what is sent goes into a mailbox, with `:flags` and the tags that name a mailbox. */
import type { Fcc } from '../action.ts';
import type { Call } from './call.ts';
import type { TagDefinition } from './definition.ts';
import { compileFlags, flagsTag } from './flags.ts';
import { compileMailboxTags, mailboxTags } from './placing.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

export const fccTags: readonly TagDefinition[] = [
  { name: 'fcc', value: 'string', needs: 'fcc' },
  flagsTag,
  ...mailboxTags,
];

export function compileFcc(call: Call, scope: Scope): (run: Run) => { readonly fcc?: Fcc } {
  const mailbox = call.tagText('fcc');
  if (mailbox === undefined) {
    for (const { name } of [flagsTag, ...mailboxTags])
      if (call.has(name)) scope.error(call.tagAt(name), 'tagOnlyWith', name, 'fcc');
    return () => ({});
  }
  const flags = call.has('flags') ? compileFlags(call) : () => [];
  const place = compileMailboxTags(call, scope);
  return (run) => ({ fcc: { mailbox: mailbox.read(run), flags: flags(run), ...place(run) } });
}
