/**
 * Which recipients of a job are named to a server in one transaction: as many as it has said it takes (RFC 9422: RCPTMAX, RCPTDOMAINMAX). The others
 * are given back as `unnamed` and go in a further transaction.
 */
import { rcptCommand, Misfit, type Abilities } from './envelope.ts';
import { unnamed, type Job } from './job.ts';

/** RCPT lines of those who are named. Who cannot be named for what the server lacks has the answer already in `job.said`. */
export function nameRecipients(job: Job, can: Abilities, utf8: boolean): string[] {
  const { extensions } = can;
  const max = extensions.limit('RCPTMAX') ?? Infinity;
  const domainsMax = extensions.limit('RCPTDOMAINMAX') ?? Infinity;
  const domains = new Set<string>();
  const commands: string[] = [];
  for (let i = 0; i < job.recipients.length; i++) {
    const recipient = job.recipients[i]!;
    const command = rcptCommand(recipient, can, utf8);
    if (command instanceof Misfit) {
      job.said[i] = { phase: 'rcpt', code: 550, reply: command.reply };
    } else if (
      commands.length >= max ||
      (domains.size >= domainsMax && !domains.has(recipient.destination))
    ) {
      job.said[i] = unnamed;
    } else {
      commands.push(command);
      if (domainsMax !== Infinity) domains.add(recipient.destination);
    }
  }
  return commands;
}
