/**
 * The file of a sink's scenario: one schema from which the check, the defaults and the reference page (docs/reference/sink.md) come. All problems are told at
 * once, each with its path.
 *
 * `include` takes the providers of shipped scenarios; a provider with a name that is there already changes it: what it says counts, the
 * rest stays. The stages of a scenario change providers in the same way.
 */
import * as Type from 'typebox';
import * as Value from 'typebox/value';
import {
  deeds,
  limitKinds,
  phases,
  returnKinds,
  type Provider,
  type Scenario,
  type Stage,
} from '../sink/options.ts';
import { count, decimal, flag, item, list, oneOf, section, text } from './fields.ts';
import { shapeProblems, type Problem } from './shape-problems.ts';

const yearSeconds = 31_536_000;
const secondsBounds = { min: 0, max: yearSeconds, default: 0 };
const percent = (description: string) => decimal(description, { min: 0, max: 100, default: 100 });
const addressWords = '`{address}`, `{local}` and `{domain}` stand for the recipient.';

const limit = item({
  of: oneOf(
    'What is limited; all are counted by the address of the sender. `unknownPercent` is the share of unknown users among the recipients of late.',
    limitKinds,
  ),
  max: count('The most there may be.', { min: 1, max: 1_000_000_000, default: 1 }),
  burst: count(
    'Of the rates a minute: how many at once; 0 is what five seconds allow. Of `unknownPercent`: recipients before it is looked at.',
    { min: 0, max: 1_000_000_000, default: 0 },
  ),
  phase: oneOf('Of `messagesPerMinute`: where it is told.', ['mail', 'rcpt', 'data', 'end'], 'mail'),
  blockSeconds: count('How long all from that address is refused once the limit was passed.', secondsBounds),
  does: oneOf(
    'What is done: a reply, a reply and the end of the connection, a TCP reset, or silence.',
    deeds,
    'reply',
  ),
  reply: text('The reply; empty takes a plain one.', ''),
});

const fault = item({
  phase: oneOf(
    'Where in a transaction; `end` is the reply to the final dot, `connect` the greeting.',
    phases,
  ),
  percent: percent('How often.'),
  does: oneOf('What is done.', deeds, 'reply'),
  reply: text('The reply. Empty, and `reply` for `does`: only the delay.', ''),
  delayMs: count('Waited before it.', { min: 0, max: 3_600_000, default: 0 }),
  fromSeconds: count('From when on, counted from the start.', secondsBounds),
  forSeconds: count('For how long; 0 is to the end.', secondsBounds),
});

const recipient = item({
  local: text('Local parts it is about, with `*` for anything.', '*'),
  percent: percent('Share of the addresses that it strikes: always the same ones.'),
  phase: oneOf('Where it is told: after RCPT, or after the text.', ['rcpt', 'end'], 'rcpt'),
  reply: text(`The reply. ${addressWords}`),
  unknown: flag('Counts as an unknown user.', false),
  recoversAfterSeconds: count('From the first refusal on; 0 is never.', secondsBounds),
});

const delay = (description: string) => count(description, { min: 0, max: 600_000, default: 0 });

const provider = item({
  name: Type.String({
    description: 'Its name in reports and for control.',
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  }),
  domains: list('Domains it receives for; `*` is every domain.', Type.String()),
  pattern: Type.String({
    description: 'More domains: `*` is a number from 1 to `count`, as in `shop*.example`.',
    pattern: '^$|^[a-z0-9.-]*\\*[a-z0-9.-]*$',
    default: '',
  }),
  count: count('How many of them.', { min: 0, max: 1_000_000, default: 0 }),
  sites: count('Mail servers that these domains are shared out to; 0 is one for each.', {
    min: 0,
    max: 1_000_000,
    default: 0,
  }),
  mx: list('Names of the mail servers of `domains`, the preferred one first.', Type.String()),
  addresses: count('Loopback addresses that its mail servers share.', { min: 1, max: 4096, default: 1 }),
  greeting: text(
    'What it greets with behind 220. `{host}` is its name, `{id}` a new word each time.',
    '{host} ESMTP ready',
  ),
  accepted: text(
    'The reply to a mail that it takes. `{id}` and `{time}` (seconds since 1970) may be in it.',
    '250 2.0.0 OK {id}',
  ),
  foreign: text(
    `The reply to recipients in domains of others. ${addressWords}`,
    '550 5.7.1 <{address}>: Relay access denied',
  ),
  extensions: Type.Array(Type.String({ pattern: '^[A-Z0-9][A-Z0-9-]*( [!-~]+)*$' }), {
    description: 'What it offers behind EHLO, besides SIZE.',
    default: ['PIPELINING', '8BITMIME', 'STARTTLS', 'ENHANCEDSTATUSCODES', 'CHUNKING', 'SMTPUTF8'],
  }),
  sizeMaxBytes: count('Largest mail.', { min: 1_000, max: 2_000_000_000, default: 52_428_800 }),
  limits: list('Limits; one of a kind.', limit),
  faults: list('What goes wrong, and how often. The first that strikes counts.', fault),
  recipients: list('Recipients who do not get their mail. The first that strikes counts.', recipient),
  greylist: section('Refuses a new pair of sender and recipient for a time.', {
    seconds: count('For how long; 0 is not at all.', secondsBounds),
    percent: percent('Share of the pairs.'),
    reply: text(`The reply. ${addressWords}`, '451 4.7.1 <{address}>: Greylisted, try again later'),
  }),
  delayMs: section('How long its answers take.', {
    connect: delay('Its greeting.'),
    mail: delay('To MAIL.'),
    rcpt: delay('To RCPT.'),
    data: delay('To DATA.'),
    end: delay('To the final dot.'),
    jitterPercent: count('So much more or less, by chance.', { min: 0, max: 100, default: 20 }),
  }),
  returns: list(
    'Mail that comes back after a message was taken.',
    item({
      kind: oneOf('A bounce (RFC 3464), a complaint (RFC 5965) or an automatic reply.', returnKinds),
      percent: percent('Share of the messages.'),
      afterSeconds: count('How long after.', secondsBounds),
      reply: text(
        `Of a bounce: what the last server is said to have replied; of an automatic reply: its text. ${addressWords}`,
        '',
      ),
      to: text(
        'Of a complaint: where reports go. Empty is the CFBL-Address of the mail (RFC 9477), or its sender.',
        '',
      ),
    }),
  ),
});

export const scenarioSchema = Type.Object(
  {
    summary: text('What this scenario is for, in a line.', ''),
    seed: count('Where chance begins: the same seed is the same run.', {
      min: 0,
      max: 2_147_483_647,
      default: 1,
    }),
    include: list('Shipped scenarios whose providers are taken.', Type.String()),
    providers: list('Who receives.', provider),
    stages: list(
      'Changes while it runs.',
      item({
        atSeconds: count('When, counted from the start.', secondsBounds),
        note: text('What happens, for the live view.', ''),
        restore: flag('All is first made again as it was at the start.', false),
        providers: list(
          'Providers by name, with what is different from then on: lists replace the whole list.',
          Type.Object({ name: text('Which one.') }, { additionalProperties: true }),
        ),
      }),
    ),
  },
  { additionalProperties: false },
);

type Raw = Readonly<Record<string, unknown>>;

export type ReadScenario =
  | { readonly is: 'scenario'; readonly scenario: Scenario }
  | { readonly is: 'problems'; readonly problems: readonly Problem[] };

/** `shipped` gives the raw scenario of a name, or undefined. */
export function readScenario(raw: unknown, shipped: (name: string) => unknown): ReadScenario {
  const problems: Problem[] = [];
  const given = isRecord(raw) ? raw : {};
  const merged = { ...given, providers: withIncluded(given, shipped, problems) };
  const filled = Value.Default(scenarioSchema, structuredClone(merged));
  problems.push(...shapeProblems(scenarioSchema, filled));
  if (problems.length > 0) return { is: 'problems', problems };
  const scenario = filled as Type.Static<typeof scenarioSchema>;
  problems.push(...senseProblems(scenario.providers, 'providers'));
  const stages = readStages(merged, scenario, problems);
  if (problems.length > 0) return { is: 'problems', problems };
  const { summary, seed, providers } = scenario;
  return { is: 'scenario', scenario: { summary, seed, providers, stages } };
}

function withIncluded(given: Raw, shipped: (name: string) => unknown, problems: Problem[]): unknown {
  const own = given['providers'] ?? [];
  if (!Array.isArray(own) || !Array.isArray(given['include'] ?? [])) return own;
  const all: Raw[] = [];
  ((given['include'] ?? []) as unknown[]).forEach((name, i) => {
    const included = typeof name === 'string' ? shipped(name) : undefined;
    if (isRecord(included)) all.push(...((included['providers'] ?? []) as Raw[]));
    else problems.push({ path: `include.${i}`, text: `no scenario is called ${String(name)}` });
  });
  const names = (own as unknown[]).map((one) => (isRecord(one) ? one['name'] : undefined));
  names.forEach((name, i) => {
    if (name !== undefined && names.indexOf(name) < i)
      problems.push({ path: `providers.${i}.name`, text: 'is there twice' });
  });
  return (own as unknown[]).reduce<unknown[]>((list, one) => withChange(list, one), all);
}

/** The element of the same name changed, or one more. */
function withChange(all: readonly unknown[], change: unknown): unknown[] {
  if (!isRecord(change)) return [...all, change];
  const at = all.findIndex((one) => isRecord(one) && one['name'] === change['name']);
  return at === -1 ? [...all, change] : all.with(at, { ...(all[at] as Raw), ...change });
}

/** Each stage changes what the one before it left. */
function readStages(
  merged: Raw,
  { stages }: Type.Static<typeof scenarioSchema>,
  problems: Problem[],
): Stage[] {
  const names = (merged['providers'] as Raw[]).map(({ name }) => name);
  let raw = merged['providers'] as unknown[];
  const order = stages.map((stage, i) => ({ ...stage, i })).sort((a, b) => a.atSeconds - b.atSeconds);
  return order.map(({ atSeconds, note, restore, providers: changes, i }) => {
    if (restore) raw = merged['providers'] as unknown[];
    changes.forEach((change, j) => {
      if (!names.includes(change.name))
        problems.push({ path: `stages.${i}.providers.${j}.name`, text: 'is no provider of this scenario' });
    });
    raw = changes.reduce<unknown[]>((list, change) => withChange(list, change), raw);
    const filled = Value.Default(scenarioSchema, structuredClone({ providers: raw })) as Scenario;
    const wrong = [...shapeProblems(scenarioSchema, filled), ...senseProblems(filled.providers, 'providers')];
    for (const { path, text: what } of wrong) problems.push({ path: `stages.${i}.${path}`, text: what });
    return { atSeconds, note, providers: filled.providers };
  });
}

/** What a schema cannot say. */
function senseProblems(providers: readonly Provider[], at: string): Problem[] {
  const found: Problem[] = [];
  if (providers.length === 0) found.push({ path: at, text: 'has nobody who receives' });
  providers.forEach((one, i) => {
    const say = (path: string, what: string): void =>
      void found.push({ path: `${at}.${i}.${path}`, text: what });
    if (one.domains.length === 0 && one.pattern === '') say('domains', 'is needed, or pattern');
    if (one.pattern !== '' && one.count === 0) say('count', 'is needed with pattern');
    if (one.sites > one.count) say('sites', 'must not be more than count');
    one.limits.forEach(({ of, reply }, j) => {
      if (one.limits.findIndex((other) => other.of === of) < j) say(`limits.${j}.of`, 'is there twice');
      if (reply !== '' && !isRefusal(reply)) say(`limits.${j}.reply`, noRefusal);
    });
    one.faults.forEach(({ reply, does }, j) => {
      if (reply !== '' && !isRefusal(reply)) say(`faults.${j}.reply`, noRefusal);
      if (reply === '' && does === 'close') say(`faults.${j}.reply`, 'is needed for close');
    });
    one.recipients.forEach(({ reply }, j) => {
      if (!isRefusal(reply)) say(`recipients.${j}.reply`, noRefusal);
    });
    if (!/^250[ ]\P{Cc}*$/u.test(one.accepted)) say('accepted', 'must begin with 250 and a blank');
    if (!isRefusal(one.foreign)) say('foreign', noRefusal);
    if (!isRefusal(one.greylist.reply)) say('greylist.reply', noRefusal);
  });
  return found;
}

const noRefusal =
  'must begin with a code from 400 to 599 and a blank; of several lines, all but the last with the code and a hyphen';
const isRefusal = (reply: string): boolean => /^([45]\d\d)(?:-[\x20-\x7e]*\n\1)* [\x20-\x7e]*$/.test(reply);

const isRecord = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
