/** `notify` and its tests (RFC 5435), with the method `mailto` (RFC 5436) and `:fcc` (RFC 8580). */
import { parseMailto } from '../mailto.ts';
import { compileMatch, matchTags } from '../match/match-type.ts';
import type { Call } from './call.ts';
import { type CommandDefinition, step, test, type TestDefinition } from './definition.ts';
import { compileFcc, fccTags } from './fcc.ts';
import { addressIn } from './placing.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

const needs = 'enotify';

export const notify: CommandDefinition = {
  name: 'notify',
  needs,
  tags: [
    { name: 'from', value: 'string' },
    { name: 'importance', value: 'string' },
    { name: 'options', value: 'strings' },
    { name: 'message', value: 'string' },
    ...fccTags,
  ],
  args: ['string'],
  compile(call, scope) {
    const method = call.text(0);
    if (method.constant !== undefined && !isMethod(method.constant))
      scope.error(method.at, 'notifyMethod', method.constant);
    const importance = compileImportance(call, scope);
    const [message, from] = [call.tagText('message'), call.tagText('from')];
    const options = call.tagTexts('options') ?? [];
    for (const { constant, at } of options)
      if (constant !== undefined && !isOption(constant)) scope.error(at, 'notifyOption', constant);
    const fcc = compileFcc(call, scope);
    return step((run) => {
      const uri = method.read(run);
      if (!isMethod(uri)) throw run.error('notifyMethod', uri);
      countNotification(run);
      const sender = from?.read(run);
      run.act({
        is: 'notify',
        at: run.at,
        rule: run.rule,
        method: uri,
        importance: importance(run),
        options: options.map((option) => option.read(run)),
        ...(message === undefined ? {} : { message: message.read(run) }),
        // An address that is none is left out (RFC 5435, 3.3).
        ...(sender === undefined || addressIn(sender) === undefined ? {} : { from: sender }),
        ...fcc(run),
      });
    });
  },
};

function countNotification(run: Run): void {
  const before = run.actions.filter((each) => each.is === 'notify').length;
  if (before >= run.limits.notificationsMax)
    throw run.error('tooManyNotifications', `${run.limits.notificationsMax}`);
}

function compileImportance(call: Call, scope: Scope): (run: Run) => 1 | 2 | 3 {
  const text = call.tagText('importance');
  if (text === undefined) return () => 2;
  if (text.constant !== undefined && !/^[123]$/.test(text.constant))
    scope.error(text.at, 'importance', text.constant);
  return (run) => {
    const given = text.read(run);
    if (!/^[123]$/.test(given)) throw run.error('importance', given);
    return Number(given) as 1 | 2 | 3;
  };
}

/** RFC 5435, 3.5: `name=value`. Which there are is the method's; `mailto` has none. */
const isOption = (text: string): boolean => /^[a-z0-9][a-z0-9._-]*=/i.test(text);

const isMethod = (uri: string): boolean => parseMailto(uri) !== undefined;

export const validNotifyMethod: TestDefinition = {
  name: 'valid_notify_method',
  needs,
  args: ['strings'],
  compile(call) {
    const uris = call.texts(0);
    return test((run) => uris.every((uri) => isMethod(uri.read(run))));
  },
};

/** The one capability is `online` (RFC 5435, 5): of mail nobody knows (RFC 5436, 2.8). */
export const notifyMethodCapability: TestDefinition = {
  name: 'notify_method_capability',
  needs,
  tags: matchTags,
  args: ['string', 'string', 'strings'],
  compile(call, scope) {
    const [uri, capability] = [call.text(0), call.text(1)];
    const match = compileMatch(call, scope, call.texts(2));
    return test((run) => {
      const known = isMethod(uri.read(run)) && capability.read(run).toLowerCase() === 'online';
      return match(run, { values: known ? ['maybe'] : [] });
    });
  },
};
