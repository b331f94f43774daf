/** What `redirect` may say of the envelope: delivery notices and a time to deliver by (RFC 6009, 4 and 5). */
import type { Redirect } from '../action.ts';
import { parseIsoTime } from '../date-part.ts';
import type { Call } from './call.ts';
import type { TagDefinition } from './definition.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import type { Text } from './text.ts';

export const redirectEnvelopeTags: readonly TagDefinition[] = [
  { name: 'notify', value: 'string', needs: 'redirect-dsn' },
  { name: 'ret', value: 'string', needs: 'redirect-dsn' },
  { name: 'bytimerelative', group: 'bytime', value: 'number', needs: 'redirect-deliverby' },
  { name: 'bytimeabsolute', group: 'bytime', value: 'string', needs: 'redirect-deliverby' },
  { name: 'bymode', value: 'string', needs: 'redirect-deliverby' },
  { name: 'bytrace', needs: 'redirect-deliverby' },
];

const notifyForm = /^(?:never|(?:success|failure|delay)(?:,(?:success|failure|delay))*)$/i;
const secondMs = 1000;
/** RFC 2852, 4: nine digits. */
const deliverByMaxSeconds = 999_999_999;

type More = Pick<Redirect, 'notify' | 'ret' | 'deliverBy'>;

export function compileRedirectEnvelope(call: Call, scope: Scope): (run: Run) => More {
  const notify = checked(call, scope, { tag: 'notify', form: notifyForm });
  const ret = checked(call, scope, { tag: 'ret', form: /^(?:full|hdrs)$/i });
  const deliverBy = compileDeliverBy(call, scope);
  return (run) => {
    const by = deliverBy?.(run);
    return {
      ...(notify === undefined ? {} : { notify: notify(run).toLowerCase().split(',') }),
      ...(ret === undefined ? {} : { ret: ret(run).toLowerCase() as 'full' | 'hdrs' }),
      ...(by === undefined ? {} : { deliverBy: by }),
    };
  };
}

function compileDeliverBy(call: Call, scope: Scope): ((run: Run) => More['deliverBy']) | undefined {
  const relative = call.tagNumber('bytimerelative');
  const absolute = call.tagText('bytimeabsolute');
  const mode = checked(call, scope, { tag: 'bymode', form: /^(?:notify|return)$/i });
  if (relative === undefined && absolute === undefined) {
    for (const tag of ['bymode', 'bytrace'])
      if (call.has(tag)) scope.error(call.tagAt(tag), 'tagOnlyWith', tag, 'bytimerelative');
    return undefined;
  }
  if (absolute) checkTime(absolute, scope);
  return (run) => {
    const kind = (mode?.(run).toLowerCase() ?? 'return') as 'notify' | 'return';
    const seconds = relative ?? secondsUntil(absolute!, run);
    // A time that has passed can only be told of (RFC 2852, 4.1.2).
    if (kind === 'return' && seconds <= 0) throw run.error('timePassed');
    return { seconds: Math.min(seconds, deliverByMaxSeconds), mode: kind, trace: call.has('bytrace') };
  };
}

function checkTime(text: Text, scope: Scope): void {
  if (text.constant !== undefined && parseIsoTime(text.constant) === undefined)
    scope.error(text.at, 'timeInvalid', text.constant);
}

function secondsUntil(text: Text, run: Run): number {
  const given = text.read(run);
  const atMs = parseIsoTime(given);
  if (atMs === undefined) throw run.error('timeInvalid', given);
  return Math.round((atMs - run.around.nowMs) / secondMs);
}

/** A tag's value that must have a form: checked at once when it is constant, otherwise when the command is run. */
function checked(
  call: Call,
  scope: Scope,
  { tag, form }: { readonly tag: string; readonly form: RegExp },
): ((run: Run) => string) | undefined {
  const text = call.tagText(tag);
  if (text === undefined) return undefined;
  if (text.constant !== undefined && !form.test(text.constant))
    scope.error(text.at, 'tagForm', tag, text.constant);
  return (run) => {
    const value = text.read(run);
    if (!form.test(value)) throw run.error('tagForm', tag, value);
    return value;
  };
}
