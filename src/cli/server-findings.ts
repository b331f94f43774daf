/** What the running server knows of itself and of the DNS records of its domains, as findings of the doctor. */
import type { Command } from 'commander';
import type { DnsAnswer, Domain } from '../app/admin-answers.ts';
import { finding, type Finding } from '../app/doctor.ts';
import { admin, Desk, part } from './desk.ts';
import { CommandFailure, exitCodes } from './failure.ts';

interface HealthAnswer {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

/** The doctor has looked himself. */
const lookedAtAlready = 'port 25';

export async function* serverFindings(command: Command): AsyncGenerator<readonly Finding[], void, void> {
  const desk = new Desk(command);
  let health: HealthAnswer;
  try {
    health = await desk.send<HealthAnswer>('GET', '/health');
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.exitCode !== exitCodes.noServer) throw error;
    yield [finding('note', 'serverNotRunning', { why: error.message })];
    return;
  }
  const problems = health.checks.filter(({ ok, name }) => !ok && name !== lookedAtAlready);
  yield [
    health.ready ? finding('good', 'serverRuns', {}) : finding('bad', 'serverUnready', {}),
    ...problems.map(({ name, detail }) => finding('warning', 'serverProblem', { name, detail })),
  ];
  const { items } = await desk.control.list<Domain>(`${admin}/domains`, {}, Number.MAX_SAFE_INTEGER);
  for (const domain of items) yield [await domainFinding(desk, domain)];
}

async function domainFinding(desk: Desk, { org, name, unicodeName: domain }: Domain): Promise<Finding> {
  const path = `/orgs/${part(org)}/domains/${part(name)}/dns?check=true`;
  const { records } = await desk.send<DnsAnswer>('GET', path);
  const toDo = records.filter(({ status }) => status === 'missing' || status === 'different');
  const needed = (need: string): number => toDo.filter(({ record }) => record.need === need).length;
  const [required, recommended] = [needed('required'), needed('recommended')];
  const unknown = records.find(({ status, record }) => status === 'unknown' && record.need === 'required');
  if (required > 0) return finding('bad', 'domainToDo', { domain, required, recommended });
  if (unknown !== undefined)
    return finding('warning', 'domainUnknown', {
      domain,
      why: unknown.servers[0]?.problem ?? unknown.record.name,
    });
  if (recommended > 0) return finding('warning', 'domainToDo', { domain, required, recommended });
  return finding('good', 'domainGood', { domain });
}
