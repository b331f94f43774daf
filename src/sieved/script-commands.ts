/** The commands on scripts (RFC 5804, 2.5 to 2.12): each to the whole of its response. */
import { Refusal } from '../base/refusal.ts';
import type { Principal } from '../directory/principal.ts';
import type { Command } from '../proto/managesieve/command.ts';
import { response, string } from '../proto/managesieve/response.ts';
import { type Problem, problemLine } from '../proto/sieve/problem.ts';
import type { ScriptOwner } from '../sieve/script.ts';
import type { Scripts } from '../sieve/scripts.ts';
import { type Language, say } from './words.ts';

export type ScriptCommand = Extract<
  Command,
  {
    verb:
      | 'GETSCRIPT'
      | 'DELETESCRIPT'
      | 'SETACTIVE'
      | 'HAVESPACE'
      | 'PUTSCRIPT'
      | 'CHECKSCRIPT'
      | 'RENAMESCRIPT'
      | 'LISTSCRIPTS';
  }
>;

export interface ScriptSession {
  readonly scripts: Scripts;
  readonly principal: Principal;
  readonly language: Language;
}

const emptyBytes = Buffer.alloc(0);

/** Rejects with a Refusal. */
export async function runScriptCommand(command: ScriptCommand, session: ScriptSession): Promise<Buffer> {
  const { scripts, principal, language } = session;
  const owner: ScriptOwner = { is: 'account', id: principal.account };
  const done = (): Buffer => Buffer.from(response('OK', say(language, 'done')));
  switch (command.verb) {
    case 'LISTSCRIPTS':
      return list(owner, session);
    case 'GETSCRIPT': {
      const { source } = await scripts.get(owner, command.name);
      const end = Buffer.from(`\r\n${response('OK', say(language, 'done'))}`);
      return Buffer.concat([Buffer.from(`{${source.length}}\r\n`), source, end]);
    }
    case 'PUTSCRIPT':
      return warned(await scripts.put(owner, command.name, notEmpty(command.script)), language);
    case 'CHECKSCRIPT':
      return warned(await scripts.check(notEmpty(command.script)), language);
    case 'HAVESPACE':
      await scripts.haveSpace(owner, command.name, command.sizeBytes);
      return done();
    case 'SETACTIVE':
      await scripts.stage(owner, command.name, 'active');
      return done();
    case 'DELETESCRIPT':
      await scripts.remove(owner, command.name);
      return done();
    case 'RENAMESCRIPT':
      await scripts.rename(owner, command.name, command.to);
      return done();
    default:
      return emptyBytes;
  }
}

async function list(owner: ScriptOwner, { scripts, language }: ScriptSession): Promise<Buffer> {
  const found = await scripts.list(owner);
  const lines = found.map(({ name, stage }) => `${string(name)}${stage === 'active' ? ' ACTIVE' : ''}\r\n`);
  return Buffer.from(lines.join('') + response('OK', say(language, 'done')));
}

/** RFC 5804, 2.6: a script of no length should not be stored. */
function notEmpty(script: Buffer): Buffer {
  if (script.length === 0) throw new Refusal('invalid', 'an empty script', { at: 'empty' });
  return script;
}

function warned(warnings: readonly Problem[], language: Language): Buffer {
  if (warnings.length === 0) return Buffer.from(response('OK', say(language, 'done')));
  const text = warnings.map((problem) => problemLine(problem, language)).join('\r\n');
  return Buffer.from(response('OK', text, 'WARNINGS'));
}
