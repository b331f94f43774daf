/**
 * Sends our reports: each day those about the day before, each at a time of its own, by mail through the queue, which tries again, and TLS reports to HTTPS where that is
 * asked for. Who gets them is asked of DNS when they are sent: only those that may (RFC 9990, 4; RFC 8460, 3).
 *
 * Promise: a report goes to each of its targets once, save that a crash between handing it over and writing that down sends it again, under the same id.
 */
import { gzipSync } from 'node:zlib';
import { newMessageId, newSecret } from '../base/ids.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { parseDmarcRecord } from '../proto/dmarc/record.ts';
import { reportAddresses } from '../proto/dmarc/report-address.ts';
import { recordsOf, type TxtLookup } from '../proto/dns/lookup.ts';
import type { DmarcReport } from '../proto/reports/dmarc-report.ts';
import { readTlsReportRecords } from '../proto/reports/tlsrpt-record.ts';
import { writeTlsReport } from '../proto/reports/tls-report.ts';
import { writeDmarcReport } from '../proto/reports/write-dmarc-report.ts';
import { type Mailbox, splitAddress } from '../proto/smtp/path.ts';
import type { Store } from '../store/store.ts';
import { dayOf, dueOf } from './day.ts';
import type { KeptPolicy } from './dmarc-counter.ts';
import type { ReportingOptions } from './options.ts';
import {
  beginSeconds,
  endSeconds,
  ownDmarcReport,
  ownTlsReport,
  reportIdOf,
  type Reporter,
  type TlsCounted,
  withFewerRows,
} from './own-reports.ts';
import { reportMail } from './report-mail.ts';
import {
  addJobs,
  claimJob,
  countedOf,
  hurryJobs,
  listJobs,
  settleJob,
  type JobState,
  type ListedJob,
  type ReportJob,
} from './rows/counted.ts';

export type { ListedJob };

export interface ReportSenderParts {
  readonly store: Pick<Store, 'write' | 'scan'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly dns: TxtLookup;
  readonly options: ReportingOptions;
  /** Hands a mail to intake. */
  readonly submit: (to: Mailbox, mail: Buffer) => Promise<void>;
  /** Posts a TLS report; false: it did not get there. Never rejects. */
  readonly post: (url: string, packed: Buffer) => Promise<boolean>;
  /** Domains with counts of TLS sessions on a day. */
  readonly tlsDomains: (day: string) => AsyncIterable<string>;
  readonly tlsCounts: (day: string, domain: string) => Promise<readonly TlsCounted[]>;
  readonly orgOf: (domain: string) => Promise<string | undefined>;
}

/** What became of a job. `again`: tried later. */
type Result = { readonly state: JobState | 'again'; readonly detail: string };

/** The way of a report to one target. False: it did not get there. */
interface Delivery {
  readonly to: string;
  readonly run: () => Promise<boolean>;
}

const dayMs = 86_400_000;
const leaseMs = 30 * 60_000;
const againAfterMs = 3_600_000;
const triesMax = 12;
const jobsPerWrite = 500;
const messagesKept = 500;

export class ReportSender {
  readonly #parts: ReportSenderParts;
  #planned = '';

  constructor(parts: ReportSenderParts) {
    this.#parts = parts;
  }

  /** Sends what is due. Called now and then. */
  async run(signal?: AbortSignal): Promise<number> {
    const { store, clock, log } = this.#parts;
    await this.#planTls(dayOf(clock.nowMs() - dayMs));
    for (let sent = 0; ; sent++) {
      if (signal?.aborted === true) return sent;
      const nowMs = clock.nowMs();
      const job = await store.write(claimJob, { nowMs, untilMs: nowMs + leaseMs });
      if (job === undefined) return sent;
      const done = new Set(job.detail.split(' ').filter(Boolean));
      const { state, detail } = await this.#send(job, done).catch((error: unknown): Result => {
        log.warn({ error, kind: job.kind, domain: job.domain }, 'a report could not be sent now');
        return { state: 'again', detail: [...done].join(' ') };
      });
      await this.#settle(job, state, detail);
    }
  }

  async #settle(job: ReportJob, state: Result['state'], detail: string): Promise<void> {
    const { store, clock, log } = this.#parts;
    const { kind, day, domain, tries } = job;
    const settled = state !== 'again' ? state : tries >= triesMax ? 'failed' : 'waiting';
    const dueMs = clock.nowMs() + (settled === 'waiting' ? againAfterMs : 0);
    await store.write(settleJob, { kind, day, domain, state: settled, detail, dueMs });
    log.info({ kind, day, domain, state: settled, detail }, 'a report');
  }

  /** Makes the reports of a day due now; of today, about what was counted until now. */
  async hurry(day: string, domain: string): Promise<number> {
    const { store, clock } = this.#parts;
    await this.#planTls(day);
    return store.write(hurryJobs, { day, domain, nowMs: clock.nowMs() });
  }

  jobs(): Promise<readonly ListedJob[]> {
    return this.#parts.store.scan(listJobs, { limit: messagesKept });
  }

  async #planTls(day: string): Promise<void> {
    const { store, options, tlsDomains, clock } = this.#parts;
    if (!options.sendTls || this.#planned === day) return;
    let jobs: { kind: 'tls'; day: string; domain: string; dueMs: number }[] = [];
    let last = '';
    for await (const domain of tlsDomains(day)) {
      if (domain === last) continue;
      last = domain;
      jobs.push({ kind: 'tls', day, domain, dueMs: dueOf(day, domain, options.hostname) });
      if (jobs.length < jobsPerWrite) continue;
      await store.write(addJobs, jobs);
      jobs = [];
    }
    if (jobs.length > 0) await store.write(addJobs, jobs);
    if (day < dayOf(clock.nowMs())) this.#planned = day;
  }

  /** `done`: who has got it, to which those are added that get it now. */
  #send(job: ReportJob, done: Set<string>): Promise<Result> {
    const { sendDmarc, sendTls } = this.#parts.options;
    if (!(job.kind === 'dmarc' ? sendDmarc : sendTls))
      return Promise.resolve({ state: 'skipped', detail: '' });
    return job.kind === 'dmarc' ? this.#sendDmarc(job, done) : this.#sendTls(job, done);
  }

  // --- DMARC

  async #sendDmarc(job: ReportJob, done: Set<string>): Promise<Result> {
    const { store, dns, options } = this.#parts;
    const counted = await store.scan(countedOf, job);
    if (counted === undefined) return { state: 'skipped', detail: 'nothing was counted' };
    const { record } = JSON.parse(counted.policy) as KeptPolicy;
    const targets = await reportAddresses(job.domain, parseDmarcRecord(record)?.rua ?? [], dns);
    if (targets === undefined) return { state: 'again', detail: job.detail };
    if (targets.length === 0) return { state: 'skipped', detail: 'nobody may get it' };
    const from = await this.#from();
    const report = ownDmarcReport(job, counted, this.#reporter(from));
    const deliveries = targets.flatMap(({ address, maxBytes = options.maxBytes }): Delivery[] => {
      const packed = fitting(report, Math.min(maxBytes, options.maxBytes));
      return packed === undefined
        ? []
        : [{ to: address, run: () => this.#mail(job, { from, to: address, packed }) }];
    });
    return deliveries.length === 0 && done.size === 0
      ? { state: 'skipped', detail: 'larger than they take' }
      : this.#toEach(job, deliveries, done);
  }

  // --- TLS

  async #sendTls(job: ReportJob, done: Set<string>): Promise<Result> {
    const { dns, tlsCounts, post } = this.#parts;
    const counted = await tlsCounts(job.day, job.domain);
    if (counted.length === 0) return { state: 'skipped', detail: 'nothing was counted' };
    const texts = recordsOf(await dns.txt(`_smtp._tls.${job.domain}`));
    if (texts === undefined) return { state: 'again', detail: job.detail };
    const targets = readTlsReportRecords(texts) ?? [];
    if (targets.length === 0) return { state: 'skipped', detail: 'nobody asks for it' };
    const from = await this.#from();
    const packed = gzipSync(writeTlsReport(ownTlsReport(job, counted, this.#reporter(from))));
    const deliveries = targets.map(
      (target): Delivery =>
        target.is === 'mail'
          ? { to: target.address, run: () => this.#mail(job, { from, to: target.address, packed }) }
          : { to: target.url, run: () => post(target.url, packed) },
    );
    return this.#toEach(job, deliveries, done);
  }

  // --- Both

  /** One that cannot get it now keeps no other waiting, and is tried again alone. */
  async #toEach(job: ReportJob, deliveries: readonly Delivery[], done: Set<string>): Promise<Result> {
    const { log } = this.#parts;
    let missed = false;
    for (const { to, run } of deliveries) {
      if (done.has(to)) continue;
      const isThere = await run().catch((error: unknown) => {
        log.warn({ error, to, domain: job.domain }, 'a report could not be handed over now');
        return false;
      });
      if (isThere) {
        done.add(to);
        await this.#note(job, done);
      } else missed = true;
    }
    return { state: missed ? 'again' : 'sent', detail: [...done].join(' ') };
  }

  /** What has been handed over stays so, whatever comes after. */
  async #note({ kind, day, domain }: ReportJob, done: ReadonlySet<string>): Promise<void> {
    const { store, clock } = this.#parts;
    const detail = [...done].join(' ');
    const dueMs = clock.nowMs() + leaseMs;
    await store.write(settleJob, { kind, day, domain, state: 'waiting', detail, dueMs });
  }

  async #mail(
    { kind, day, domain }: ReportJob,
    { from, to, packed }: { readonly from: Mailbox; readonly to: string; readonly packed: Buffer },
  ): Promise<boolean> {
    const { options, clock, submit } = this.#parts;
    const { hostname, organisation } = options;
    const mailbox = splitAddress(to);
    if (!mailbox) return true;
    const bytes = reportMail({
      kind,
      domain,
      organisation,
      packed,
      from,
      to: mailbox,
      submitter: hostname,
      reportId: reportIdOf(day, domain, hostname),
      beginSeconds: beginSeconds(day),
      endSeconds: endSeconds(day),
      messageId: `<${newMessageId(clock)}@${hostname}>`,
      boundary: `=_${newSecret()}`,
      nowMs: clock.nowMs(),
    });
    await submit(mailbox, bytes);
    return true;
  }

  #reporter(from: Mailbox): Reporter {
    const { hostname, organisation } = this.#parts.options;
    return { hostname, organisation, contact: `${from.local}@${from.domain}` };
  }

  /** A domain of ours signs what it sends: the one that the host is in, if there is one. */
  async #from(): Promise<Mailbox> {
    const { options, orgOf } = this.#parts;
    const given = splitAddress(options.sender);
    if (given) return given;
    const labels = options.hostname.toLowerCase().split('.');
    for (let at = 0; at < labels.length - 1; at++) {
      const domain = labels.slice(at).join('.');
      if ((await orgOf(domain)) !== undefined) return { local: 'postmaster', domain };
    }
    return { local: 'postmaster', domain: options.hostname };
  }
}

/** Packed, with as many rows as fit; undefined when not even one does. Base64 makes a third more of it. */
function fitting(report: DmarcReport, maxBytes: number): Buffer | undefined {
  const room = Math.floor(maxBytes * 0.7);
  for (let rows = report.rows.length; ; rows = Math.floor(rows / 2)) {
    const part = rows === report.rows.length ? report : withFewerRows(report, rows);
    const packed = gzipSync(writeDmarcReport(part));
    if (packed.length <= room) return packed;
    if (rows <= 1) return undefined;
  }
}
