import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Chain } from '../policy/chain.ts';
import type { Check, CheckedMail, Finding, RunningCheck } from '../policy/check.ts';
import { Inspector } from '../policy/inspector.ts';
import { verdictDefaults, type VerdictRules } from '../policy/verdict.ts';
import type { IntakeParts } from './intake.ts';
import { JudgedRefusal } from './judged-refusal.ts';
import type { SessionInfo } from './session-info.ts';
import { alice, testIntake, type TestIntake } from './testing.ts';

const stranger: SessionInfo = {
  via: 'mx',
  ip: '192.0.2.1',
  helo: 'mail.there.test',
  protocol: 'ESMTP',
  tls: null,
  principal: undefined,
  trusted: false,
};

const finding = (rule: string, weight: number, more: Partial<Finding> = {}): Finding => ({
  rule,
  weight,
  detail: 'seen',
  ...more,
});

function check(
  running: Partial<RunningCheck> & { findings?: readonly Finding[] },
  more: Partial<Check> = {},
): Check {
  const { findings = [], ...rest } = running;
  return {
    name: 'engine',
    stage: 'content',
    timeoutMs: 5000,
    onFailure: 'accept',
    begin: () => ({ finish: () => ({ findings }), ...rest }),
    ...more,
  };
}

function filtering(
  checks: readonly Check[],
  rules: Partial<VerdictRules> = {},
  parts: Partial<IntakeParts> = {},
): TestIntake {
  const chain = new Chain({
    checks,
    rulesOf: async () => ({ ...verdictDefaults, ...rules }),
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
  });
  const inspector = new Inspector({ chain });
  return testIntake({}, { examine: (mail: CheckedMail) => inspector.begin(mail), ...parts });
}

const forged = 'X-Spam-Flag: NO\r\nX-Spam-Status: No, score=-100\r\n\ttests=none\r\n';
const plain = `From: bob@there.test\r\n${forged}Subject: x\r\n\r\nHello\r\n`;

async function bring(
  { intake, taken }: TestIntake,
  { to = ['bob@here.test'], text = plain }: { to?: readonly string[]; text?: string } = {},
): Promise<TestIntake['taken'][number]> {
  using mail = await intake.begin(stranger, { sender: { local: 'bob', domain: 'there.test' }, params: {} });
  for (const address of to) {
    const [local = '', domain = ''] = address.split('@');
    await mail.recipient({ local, domain }, {});
  }
  for (const chunk of text.match(/[^]{1,9}/g) ?? []) await mail.write(Buffer.from(chunk));
  await mail.finish();
  return taken.at(-1)!;
}

test('the verdict stands in the header in place of one that was forged, and goes along with the message', async () => {
  const engine = check({ findings: [finding('a.b', 5.25), finding('c', 1)] });
  const { text, submission, events } = await bring(filtering([engine]));
  assert.match(
    text,
    /^X-Spam-Flag: YES\r\nX-Spam-Score: 6\.3\r\nX-Spam-Status: Yes, score=6\.3 required=6\.0\r\n\ttests=a\.b=5\.3,c=1\.0\r\nReceived: /,
  );
  assert.equal(text.match(/X-Spam-/g)?.length, 3);
  const { junkFor, spam, virus } = submission.message;
  assert.deepEqual({ junkFor, spam, virus }, { junkFor: ['org1'], spam: [['org1', 42]], virus: undefined });
  const judged = events.find(({ is }) => is === 'judged');
  assert.deepEqual(judged?.data, {
    action: 'junk',
    score: 6.25,
    threshold: 6,
    rules: [
      { rule: 'a.b', weight: 5.25, detail: 'seen' },
      { rule: 'c', weight: 1, detail: 'seen' },
    ],
    decisive: '',
    failures: [],
  });
});

test('who is reached through two organisations gets the mail unless both keep it; it is kept once then', async () => {
  const to = ['lent@here.test', 'dave@other.test', 'bob@here.test'];
  const keptBy = async (orgs: readonly string[]): Promise<unknown> => {
    const findings = orgs.map((org) => finding('own', 1, { org, action: 'quarantine' }));
    const { submission } = await bring(filtering([check({ findings })]), { to });
    const addressOf = new Map(submission.recipients.map(({ id, address }) => [id, address]));
    return submission.quarantine?.map(({ org, recipients }) => [
      org,
      ...recipients.map((id) => addressOf.get(id)),
    ]);
  };
  assert.deepEqual(await keptBy(['org1']), [['org1', 'bob@here.test']]);
  assert.equal(await keptBy(['org2']), undefined);
  assert.deepEqual(await keptBy(['org1', 'org2']), [['org1', 'dave@other.test', 'bob@here.test']]);
});

test('each organisation hears its own verdict, and the header tells what is common', async () => {
  const engine = check({ findings: [finding('all', 1), finding('own', 9, { org: 'org2' })] });
  const { text, submission, events } = await bring(filtering([engine]), {
    to: ['bob@here.test', 'dave@other.test'],
  });
  assert.match(
    text,
    /^X-Spam-Score: 1\.0\r\nX-Spam-Status: No, score=1\.0 required=4\.0\r\n\ttests=all=1\.0\r\n/,
  );
  assert.deepEqual(submission.message.junkFor, ['org2']);
  const told = events
    .filter(({ is }) => is === 'judged')
    .map(({ org, data }) => [org, 'score' in data && data.score]);
  assert.deepEqual(told, [
    ['org1', 1],
    ['org2', 10],
  ]);
});

test('what the filters turn away is refused while its sender is connected, with the rule or its words', async () => {
  const refusing = filtering([check({ findings: [finding('a', 12), finding('b', 4)] })]);
  await assert.rejects(bring(refusing), (error: unknown) => {
    assert.ok(error instanceof JudgedRefusal);
    assert.equal(error.temporary, false);
    assert.match(error.reply, /\(a, b\)$/);
    return true;
  });
  assert.deepEqual(refusing.taken, []);
  const virus = finding('clamav', 0, { action: 'refuse', reply: 'It holds a virus' });
  await assert.rejects(bring(filtering([check({ findings: [virus] })])), { reply: 'It holds a virus' });
  await assert.rejects(
    bring(filtering([check({ finish: () => Promise.reject(new Error('down')) }, { onFailure: 'defer' })])),
    { temporary: true },
  );
});

test('a filter that reads slowly holds back the client, and sees the body as it came', async () => {
  const seen: string[] = [];
  const slow = check({
    body: async (chunk) => {
      const text = chunk.toString('latin1');
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(text);
    },
  });
  await bring(filtering([slow]));
  assert.equal(seen.join(''), 'Hello\r\n');
});

const submitter: SessionInfo = { ...stranger, via: 'submission', principal: alice };

async function submit({ intake, taken }: TestIntake, text: string): Promise<TestIntake['taken'][number]> {
  using mail = await intake.begin(submitter, { sender: { local: 'alice', domain: 'here.test' }, params: {} });
  await mail.recipient({ local: 'x', domain: 'elsewhere.test' }, {});
  for (const chunk of text.match(/[^]{1,7}/g) ?? []) await mail.write(Buffer.from(chunk));
  await mail.finish();
  return taken.at(-1)!;
}

test('mail of our own users is seen as it leaves, refused or kept back for their organisation, and marked for nobody', async () => {
  const seen: CheckedMail[] = [];
  let body = '';
  const watching = (findings: readonly Finding[]): Check => {
    const inner = check({ findings });
    return {
      ...inner,
      begin(mail) {
        seen.push(mail);
        return { ...inner.begin(mail)!, body: (chunk) => void (body += chunk.toString('utf8')) };
      },
    };
  };
  const own = (findings: readonly Finding[], rules?: Partial<VerdictRules>) =>
    filtering([watching(findings)], rules, { examinesOwn: true });
  const text = 'From: alice@here.test\r\nSubject: x\r\n\r\nGrüße\r\n';
  const { text: stored, submission } = await submit(own([finding('a', 9)]), text);
  assert(!stored.includes('X-Spam'));
  assert.equal(submission.message.junkFor, undefined);
  assert.equal(body, 'Grüße\r\n', 'the label that was put into the header is no part of the body');
  assert.equal(seen[0]!.direction, 'out');
  assert.equal(seen[0]!.login?.address, 'alice@here.test');
  assert.match(seen[0]!.header.toString(), /Message-ID: /);
  await assert.rejects(submit(own([finding('a', 20)]), text), JudgedRefusal);
  const kept = await submit(own([finding('a', 9)], { quarantine: 8 }), text);
  assert.deepEqual(
    kept.submission.quarantine?.map(({ org, recipients }) => [org, recipients.length]),
    [['org1', 1]],
  );
  const unasked = filtering([watching([finding('a', 20)])]);
  assert.match((await submit(unasked, text)).text, /Grüße|Gr/, 'where that is switched off, it goes');
});
