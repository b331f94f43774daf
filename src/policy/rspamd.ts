/** rspamd by HTTP (`/checkv2`): the mail is its body, the envelope and the session are its header fields. */
import type { Action, CheckedMail, Finding, Found } from './check.ts';
import type { RunningRequest, ServiceHttp } from '../net/service-request.ts';
import {
  parseRspamd,
  rspamdAnswerMaxBytes,
  RspamdError,
  type RspamdAction,
  type RspamdAnswer,
} from '../proto/rspamd/answer.ts';
import type { Engine, EngineStream } from './engine.ts';
import { scaledWeight } from './engine/scaled-weight.ts';

export interface RspamdOptions {
  readonly name: string;
  readonly timeoutMs: number;
  /** Of a daemon that wants one; '' for none. */
  readonly password: string;
  /** Weight in our sum of a mail that rspamd would just reject. */
  readonly weight: number;
  /** Do what rspamd would do, whatever the sum of the weights; otherwise only its score counts. */
  readonly obey: boolean;
  readonly hostName: string;
}

const shownSymbols = 12;
const recipientsMax = 500;

export class Rspamd implements Engine {
  readonly #http: ServiceHttp;
  readonly #options: RspamdOptions;

  constructor(http: ServiceHttp, options: RspamdOptions) {
    this.#http = http;
    this.#options = options;
  }

  get rules(): Engine['rules'] {
    const { name, weight } = this.#options;
    return { [name]: weight };
  }

  async open(mail: CheckedMail): Promise<EngineStream> {
    const { timeoutMs } = this.#options;
    const request = this.#http.start({
      method: 'POST',
      path: '/checkv2',
      headers: this.#headers(mail),
      answerMaxBytes: rspamdAnswerMaxBytes,
      timeoutMs,
    });
    return {
      write: (bytes) => request.write(bytes),
      finish: () => this.#finish(request),
      abort: () => request.abort(),
    };
  }

  #headers(mail: CheckedMail): Record<string, string | readonly string[]> {
    const { hostName, password } = this.#options;
    const { tls, login } = mail;
    return {
      'content-type': 'application/octet-stream',
      from: fieldText(mail.sender),
      rcpt: mail.to.slice(0, recipientsMax).map(({ address }) => fieldText(address)),
      ...(mail.ip !== '' && { ip: mail.ip }),
      ...(mail.helo !== '' && { helo: fieldText(mail.helo) }),
      'queue-id': mail.id,
      'mta-name': hostName,
      'mta-tag': hostName,
      ...(login && { user: fieldText(login.address) }),
      ...(tls && { 'tls-cipher': fieldText(tls.cipher), 'tls-version': fieldText(tls.version) }),
      ...(password !== '' && { password: fieldText(password) }),
    };
  }

  async #finish(request: RunningRequest): Promise<Found> {
    const { status, body } = await request.finish();
    if (status !== 200) throw new RspamdError(`HTTP ${status}`);
    return { findings: [this.#finding(parseRspamd(body.toString('utf8')))] };
  }

  #finding(answer: RspamdAnswer): Finding {
    const { name, weight, obey } = this.#options;
    const symbols = answer.symbols.slice(0, shownSymbols).map((symbol) => `${symbol.name}(${symbol.score})`);
    const action = obey ? obeyed[answer.action] : undefined;
    return {
      rule: name,
      weight: scaledWeight(answer, weight),
      detail: `${answer.action} ${answer.score}/${answer.required} ${symbols.join(' ')}`.trim(),
      ...(action && { action }),
      ...(action && answer.smtpMessage !== '' && { reply: answer.smtpMessage }),
    };
  }
}

/** Nothing is ever thrown away: what rspamd would discard is kept aside. Subjects are not rewritten: the mark is enough. */
const obeyed: Readonly<Record<RspamdAction, Exclude<Action, 'accept'> | undefined>> = {
  'no action': undefined,
  greylist: 'defer',
  'add header': 'junk',
  'rewrite subject': 'junk',
  'soft reject': 'defer',
  quarantine: 'quarantine',
  discard: 'quarantine',
  reject: 'refuse',
};

/** Octets that a header field of HTTP may have; an address in UTF-8 goes as its octets. */
const fieldText = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[\u0000-\u001f\u007f]/g, '');

/** Rejects when the daemon does not answer as it should. */
export async function pingRspamd(http: ServiceHttp, timeoutMs: number): Promise<void> {
  const request = http.start({ method: 'GET', path: '/ping', headers: {}, answerMaxBytes: 1000, timeoutMs });
  const { status, body } = await request.finish();
  if (status !== 200 || !body.toString('latin1').startsWith('pong')) throw new RspamdError(`HTTP ${status}`);
}
