/** `vacation` (RFC 5230), with `:seconds` (RFC 6131) and `:fcc` (RFC 8580). Whether a reply is sent is decided by who sends it (vacation-reply.ts). */
import type { Vacation } from '../action.ts';
import type { Call } from './call.ts';
import { type CommandDefinition, step } from './definition.ts';
import { compileFcc, fccTags } from './fcc.ts';
import { addressIn, checkAddress } from './placing.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';

const daySeconds = 86_400;

export const vacation: CommandDefinition = {
  name: 'vacation',
  needs: 'vacation',
  tags: [
    { name: 'days', group: 'period', value: 'number' },
    { name: 'seconds', group: 'period', value: 'number', needs: 'vacation-seconds' },
    { name: 'subject', value: 'string' },
    { name: 'from', value: 'string' },
    { name: 'addresses', value: 'strings' },
    { name: 'mime' },
    { name: 'handle', value: 'string' },
    ...fccTags,
  ],
  args: ['string'],
  compile(call, scope) {
    const seconds = secondsOf(call, scope);
    const reason = call.text(0);
    const texts = {
      subject: call.tagText('subject'),
      from: call.tagText('from'),
      handle: call.tagText('handle'),
    };
    if (texts.from) checkAddress(texts.from, scope);
    const addresses = call.tagTexts('addresses') ?? [];
    const mime = call.has('mime');
    const fcc = compileFcc(call, scope);
    return step((run) => {
      const read = (name: keyof typeof texts): string | undefined => texts[name]?.read(run);
      const [subject, from, why] = [read('subject'), read('from'), reason.read(run)];
      answer(run, {
        seconds,
        ...(subject === undefined ? {} : { subject }),
        ...(from === undefined || addressIn(from) === undefined ? {} : { from }),
        addresses: addresses.map((each) => each.read(run)),
        mime,
        reason: why,
        handle: read('handle') ?? JSON.stringify([subject, from, mime, why]),
        ...fcc(run),
      });
    });
  },
};

/** RFC 5230, 4.7: one reply at most, and none to what is refused. */
function answer(run: Run, what: Omit<Vacation, 'is' | 'at' | 'rule'>): void {
  if (run.actions.some((each) => each.is === 'vacation')) throw run.error('vacationTwice');
  if (run.actions.some((each) => each.is === 'reject')) throw run.error('rejectWithDelivery');
  run.act({ is: 'vacation', at: run.at, rule: run.rule, ...what });
}

function secondsOf(call: Call, { limits }: Scope): number {
  const days = call.tagNumber('days');
  const asked =
    call.tagNumber('seconds') ?? (days === undefined ? limits.vacationSecondsDefault : days * daySeconds);
  // A server that takes only days may read 0 as 1 (RFC 5230, 4.1); with seconds 0 is every time (RFC 6131, 2).
  const least =
    days === undefined ? limits.vacationSecondsMin : Math.max(daySeconds, limits.vacationSecondsMin);
  return Math.min(Math.max(asked, least), limits.vacationSecondsMax);
}
