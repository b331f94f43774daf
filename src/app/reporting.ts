/** DMARC and TLS reports of one thread: what counts, hears, shows and, in the first thread, sends them. */
import { sleep, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../config/schema.ts';
import type { ReportEar } from '../delivery/report-ear.ts';
import { tlsCounts, tlsCountsFor } from '../delivery/tls-results.ts';
import type { Directory } from '../directory/directory.ts';
import type { Intake } from '../intake/intake.ts';
import { fromInside } from '../intake/session-info.ts';
import { onlyPublic } from '../net/dialer.ts';
import { httpsRequest } from '../net/https-request.ts';
import type { Resolver } from '../net/resolver.ts';
import { recordsOf } from '../proto/dns/lookup.ts';
import type { Mailbox } from '../proto/smtp/path.ts';
import { DmarcCounter } from '../reporting/dmarc-counter.ts';
import { ReportReader } from '../reporting/reader.ts';
import { ReceivedReports } from '../reporting/received-reports.ts';
import { ReportDesk } from '../reporting/report-desk.ts';
import { hearReport, isForReports } from '../reporting/report-ear.ts';
import { ReportSender } from '../reporting/report-sender.ts';
import type { Store } from '../store/store.ts';
import { deliveryOptions, reportingOptions } from './part-options.ts';
import { worldAddresses } from './world-addresses.ts';

export interface ReportingParts {
  readonly store: Store;
  readonly log: Log;
  readonly settings: Settings;
  readonly directory: Pick<Directory, 'orgOf'>;
  readonly resolver: Resolver;
}

export interface Reporting {
  readonly counter: DmarcCounter;
  readonly received: ReceivedReports;
  readonly desk: ReportDesk;
  readonly ear: ReportEar;
}

export function openReporting({ store, log, settings, directory, resolver }: ReportingParts): Reporting {
  const clock = systemClock;
  const { hostname, addresses } = reportingOptions(settings);
  const received = new ReceivedReports({
    store,
    clock,
    log,
    reader: new ReportReader(clock),
    orgOf: (domain) => directory.orgOf(domain),
  });
  return {
    counter: new DmarcCounter({ store, clock, log, hostname }),
    received,
    desk: new ReportDesk({
      received,
      clock,
      dns: resolver,
      hostOf: (ip) => hostOf(resolver, ip),
      ownAddresses: () => worldAddresses(settings, resolver),
    }),
    ear: {
      isAt: (at) => isForReports(at, addresses),
      hear: (mail) => hearReport({ received, log, addresses }, mail),
    },
  };
}

/** A name that leads back to the address. */
async function hostOf(resolver: Pick<Resolver, 'ptr' | 'a' | 'aaaa'>, ip: string): Promise<string> {
  const [name] = recordsOf(await resolver.ptr(ip)) ?? [];
  if (name === undefined) return '';
  const answer = ip.includes(':') ? await resolver.aaaa(name) : await resolver.a(name);
  return recordsOf(answer)?.includes(ip) === true ? name.toLowerCase().replace(/\.$/, '') : '';
}

// --- Sending

export interface SendingParts extends ReportingParts {
  readonly intake: Pick<Intake, 'begin'>;
}

export function openReportSender({
  store,
  log,
  settings,
  directory,
  resolver,
  intake,
}: SendingParts): ReportSender {
  return new ReportSender({
    store,
    log,
    clock: systemClock,
    dns: resolver,
    options: reportingOptions(settings),
    submit: (to, mail) => submit(intake, to, mail),
    post: (url, packed) => post(url, packed, { settings, resolver }),
    tlsDomains: async function* (day) {
      for await (const { domain } of tlsCounts(store, day)) yield domain;
    },
    tlsCounts: (day, domain) => tlsCountsFor(store, day, domain),
    orgOf: (domain) => directory.orgOf(domain),
  });
}

/** With the null sender: nobody is told what becomes of a report, and no notice comes back. */
async function submit(intake: Pick<Intake, 'begin'>, to: Mailbox, mail: Buffer): Promise<void> {
  using transaction = await intake.begin(fromInside, { sender: null, params: { sizeBytes: mail.length } });
  await transaction.recipient(to, { notify: ['never'] });
  await transaction.write(mail);
  await transaction.finish();
}

const postTimeoutMs = 60_000;
const answerMaxBytes = 64 * 1024;

/** RFC 8460, 5.1. */
async function post(
  url: string,
  packed: Buffer,
  { settings, resolver }: Pick<ReportingParts, 'settings' | 'resolver'>,
): Promise<boolean> {
  const { hostname: host, port, pathname, search } = new URL(url);
  const { caCertificates: ca, allowPrivateAddresses } = deliveryOptions(settings, []);
  const answer = await httpsRequest(
    {
      resolver,
      clock: systemClock,
      ...(allowPrivateAddresses ? {} : { guard: onlyPublic }),
      ...(ca && { ca }),
    },
    {
      host: host.replace(/^\[|\]$/g, ''),
      ...(port !== '' && { port: Number(port) }),
      path: pathname + search,
      method: 'POST',
      headers: { 'content-type': 'application/tlsrpt+gzip', 'content-length': String(packed.length) },
      body: packed,
      answerMaxBytes,
      timeoutMs: postTimeoutMs,
    },
  );
  return answer.is === 'answer' && answer.status >= 200 && answer.status < 300;
}

const roundEveryMs = 10 * 60_000;

/** Looks now and then for reports that are due. */
export class ReportRounds implements AsyncDisposable {
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(sender: ReportSender, log: Log) {
    this.#done = this.#run(sender, log);
  }

  async #run(sender: ReportSender, log: Log): Promise<void> {
    const { signal } = this.#stop;
    for (;;) {
      await sleep(systemClock, roundEveryMs, signal).catch(() => {});
      if (signal.aborted) return;
      await sender.run(signal).catch((error: unknown) => {
        log.warn({ error }, 'reports could not be sent now');
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
