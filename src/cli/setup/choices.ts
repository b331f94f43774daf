/** What a new server is to be like: from flags, else from answers, else from what is usual. Everything that is wrong with it is told at once. */
import { resolve } from 'node:path';
import { domainInDns, isAddressOf } from '../../app/founding.ts';
import type { Language } from '../language.ts';
import type { Questions } from '../terminal.ts';
import { newListeners, portChoices, type NewListener, type PortChoice } from './listeners.ts';
import type { SetupWords } from './words.ts';

/** As given on the command line. */
export interface SetupFlags {
  readonly domain?: string;
  readonly org?: string;
  readonly admin?: string;
  readonly language?: string;
  readonly store: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ports: string;
}

export interface Names {
  readonly hostname: string;
  readonly domain: string;
  readonly org: string;
  readonly admin: string;
}

export interface Choices extends Names {
  readonly language: Language;
  readonly config: string;
  readonly data: string;
  readonly store: { readonly engine: 'sqlite' | 'postgres'; readonly url: string };
  readonly certificate: { readonly certificate: string; readonly key: string } | undefined;
  readonly listeners: readonly NewListener[];
}

interface Asking {
  readonly questions: Questions;
  readonly say: SetupWords;
  /** False: take what is usual for what was not said. */
  readonly interactive: boolean;
}

interface Question {
  readonly text: string;
  readonly usual: string;
  /** What is wrong with an answer; `''` when nothing is. */
  readonly problem: (answer: string) => string;
}

/** Asks for what the flags do not say. A wrong answer is asked for again; wrong flags are left to `choose`. */
export async function chooseNames(
  given: string | undefined,
  flags: SetupFlags,
  asking: Asking,
): Promise<Names> {
  const { say } = asking;
  const settle = async (flag: string | undefined, question: Question): Promise<string> => {
    if (flag !== undefined) return flag.trim();
    return asking.interactive ? askUntilRight(question, asking.questions) : question.usual;
  };
  const hostname = await settle(given, {
    text: say.askHostname,
    usual: '',
    problem: (text) => (domainInDns(text) === undefined ? say.notHostname(text) : ''),
  });
  const domain = await settle(flags.domain, {
    text: say.askDomain,
    usual: parentDomain(hostname),
    problem: (text) => (domainInDns(text) === undefined ? say.notDomain(text) : ''),
  });
  const org = await settle(flags.org, { text: say.askOrg, usual: domain, problem: () => '' });
  const admin = await settle(flags.admin, {
    text: say.askAdmin,
    usual: `admin@${domain}`,
    problem: (text) => (isAddressOf(fullAddress(text, domain), domain) ? '' : say.notAdmin(text, domain)),
  });
  return { hostname, domain, org, admin: fullAddress(admin, domain) };
}

async function askUntilRight({ text, usual, problem }: Question, questions: Questions): Promise<string> {
  for (;;) {
    const answer = await questions.ask(text, usual);
    const wrong = problem(answer);
    if (wrong === '') return answer;
    process.stderr.write(`${wrong}\n`);
  }
}

/** `example.jp` of `mail.example.jp`; a name of two parts is its own. */
function parentDomain(hostname: string): string {
  const parent = hostname.slice(hostname.indexOf('.') + 1);
  return parent.includes('.') ? parent : hostname;
}

const fullAddress = (text: string, domain: string): string =>
  text.includes('@') ? text : `${text}@${domain}`;

export interface Around {
  readonly flags: SetupFlags;
  readonly config: string;
  readonly data: string;
  /** Address to listen on. */
  readonly host: string;
  readonly language: Language;
  readonly say: SetupWords;
}

/** The choices, or all that is wrong with what was said. */
export function choose(names: Names, around: Around): Choices | readonly string[] {
  const { flags, host, say } = around;
  const hostname = domainInDns(names.hostname);
  const domain = domainInDns(names.domain);
  const store = readStore(flags.store);
  const wrong = [...wrongNames(names, say), ...wrongFlags(flags, say)];
  if (wrong.length > 0 || hostname === undefined || domain === undefined || store === undefined) return wrong;
  const { cert, key } = flags;
  return {
    hostname,
    domain,
    org: names.org,
    admin: names.admin,
    language: (flags.language as Language | undefined) ?? around.language,
    config: resolve(around.config),
    data: resolve(around.data),
    store,
    certificate:
      cert === undefined || key === undefined ? undefined : { certificate: resolve(cert), key: resolve(key) },
    listeners: newListeners(flags.ports as PortChoice, host),
  };
}

function wrongNames({ hostname, domain, admin }: Names, say: SetupWords): string[] {
  if (hostname === '') return [say.noHostname];
  const wrong: string[] = [];
  if (domainInDns(hostname) === undefined) wrong.push(`<hostname>: ${say.notHostname(hostname)}`);
  const isDomain = domainInDns(domain) !== undefined;
  if (!isDomain && domain !== hostname) wrong.push(`--domain: ${say.notDomain(domain)}`);
  if (isDomain && !isAddressOf(admin, domain)) wrong.push(`--admin: ${say.notAdmin(admin, domain)}`);
  return wrong;
}

function wrongFlags({ store, ports, language, cert, key }: SetupFlags, say: SetupWords): string[] {
  const wrong: string[] = [];
  if (readStore(store) === undefined) wrong.push(`--store: ${say.notStore(store)}`);
  if (!(portChoices as readonly string[]).includes(ports))
    wrong.push(`--ports: ${say.notOneOf(portChoices)}`);
  if (language !== undefined && language !== 'en' && language !== 'ja')
    wrong.push(`--language: ${say.notOneOf(['en', 'ja'])}`);
  if ((cert === undefined) !== (key === undefined)) wrong.push(`--cert, --key: ${say.bothOrNone}`);
  return wrong;
}

function readStore(text: string): Choices['store'] | undefined {
  if (text === 'sqlite') return { engine: 'sqlite', url: '' };
  return /^(postgres(ql)?:\/\/|env:\w)/.test(text) ? { engine: 'postgres', url: text } : undefined;
}
