/** Runs scripts in tests: over a message in text with LF line ends, with answers given as plain values. */
import assert from 'node:assert/strict';
import { compileScript } from './compile.ts';
import { decide, type Decision, type Input } from './interpret.ts';
import type { Action } from './action.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { problemLine } from './problem.ts';
import type { Program } from './program.ts';
import type { Question, Surroundings } from './surroundings.ts';

export interface TestCase {
  readonly message?: string | Buffer;
  readonly around?: Partial<Surroundings>;
  readonly limits?: Partial<Limits>;
  /** Mailboxes with their special uses. */
  readonly mailboxes?: Readonly<Record<string, readonly string[]>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly seen?: readonly string[];
}

export const plainMessage = `From: Bob <bob@there.test>
To: alice@here.test
Subject: Hello
Message-ID: <1@there.test>
Date: Mon, 02 Mar 2026 09:30:00 +0900

Hello Alice.
`;

export function program(source: string, limits: Partial<Limits> = {}): Program {
  const compiled = compileScript(source, { limits: { ...defaultLimits, ...limits } });
  const problems = compiled.is === 'program' ? [] : compiled.problems.map((each) => problemLine(each, 'en'));
  assert.ok(compiled.is === 'program', problems.join('\n'));
  return compiled.program;
}

/** `line:column code` of each problem. */
export function problemsOf(source: string): string[] {
  const compiled = compileScript(source);
  const problems = compiled.is === 'program' ? compiled.warnings : compiled.problems;
  return problems.map(({ at, code }) => `${at.line}:${at.column} ${code}`);
}

export function run(source: string, given: TestCase = {}): Promise<Decision> {
  const { message = plainMessage } = given;
  const head = typeof message === 'string' ? Buffer.from(message.replaceAll(/\r?\n/g, '\r\n')) : message;
  const limits = { ...defaultLimits, ...given.limits };
  const input: Input = {
    message: { head, sizeBytes: head.length },
    around: { ...quietPlace, ...given.around },
    limits,
  };
  return decide(program(source, given.limits), input, async (question) => answerOf(question, given));
}

const quietPlace: Surroundings = {
  envelope: { from: 'bob@there.test', to: 'alice@here.test' },
  nowMs: Date.parse('2026-03-02T01:00:00Z'),
  zoneMinutes: () => 540,
  environment: new Map(Object.entries({ name: 'Hikyaku', domain: 'here.test' })),
  ownAddress: 'alice@here.test',
};

function answerOf(question: Question, given: TestCase): unknown {
  const { mailboxes = {}, scripts = {}, lists = {}, annotations = {}, seen = [] } = given;
  switch (question.is) {
    case 'mailbox':
      return { exists: question.name in mailboxes, uses: mailboxes[question.name] ?? [] };
    case 'specialUse':
      return { exists: Object.values(mailboxes).some((uses) => uses.includes(question.use)), uses: [] };
    case 'mailboxId':
      return { exists: `#${question.id}` in mailboxes, uses: [] };
    case 'annotation':
      return annotations[`${question.mailbox ?? ''} ${question.name}`];
    case 'duplicate':
      return seen.includes(`${question.handle} ${question.id}`);
    case 'inList':
      return lists[question.list]?.includes(question.value) ?? false;
    case 'listExists':
      return question.list in lists;
    case 'listMembers':
      return lists[question.list] ?? [];
    case 'script':
      return scriptNamed(scripts, question.name);
    default:
      throw new Error(`no answer to ${question.is}`);
  }
}

function scriptNamed(
  scripts: Readonly<Record<string, string>>,
  name: string,
): Program | 'invalid' | undefined {
  const source = scripts[name];
  if (source === undefined) return undefined;
  const compiled = compileScript(source);
  return compiled.is === 'program' ? compiled.program : 'invalid';
}

/** The actions in short: `fileinto Lists`, `redirect a@b`, `keep`. */
export function shown({ actions, problem }: Decision): string[] {
  return [...actions.map(shownAction), ...(problem ? [`error ${problem.code}`] : [])];
}

function shownAction(action: Action): string {
  switch (action.is) {
    case 'fileinto':
      return [`fileinto ${action.mailbox}`, ...action.flags].join(' ');
    case 'keep':
      return [action.at === undefined ? 'implicit keep' : 'keep', ...action.flags].join(' ');
    case 'redirect':
      return `redirect ${action.address}`;
    case 'reject':
      return `${action.extended ? 'ereject' : 'reject'} ${action.reason}`;
    case 'vacation':
      return `vacation ${action.reason}`;
    case 'notify':
      return `notify ${action.method}`;
    default:
      return action.is;
  }
}
