/** Routes of mail to programs, and domains that stand in mail for an organisation. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { InboundRoute, SendingDomain } from '../entities.ts';
import { routesOfDomainMax } from '../read/inbound.ts';
import { existing, ownDomain, recordChange, type Change } from './change.ts';

export const createInboundRoute = operation(
  'directory.createInboundRoute',
  function* ({ change, route }: { change: Change; route: InboundRoute }): Transaction<void> {
    const { id, org, domain, pattern, url } = route;
    yield* ownDomain(org, domain, 'domain');
    const { total } = yield* row<{ total: number }>(
      'select count(*) as total from inbound_route where domain = ?',
      domain,
    );
    if (total >= routesOfDomainMax) throw new Refusal('limitReached', `${routesOfDomainMax} routes`);
    const taken = yield* maybe(
      `select id from inbound_route where domain = ? and pattern = ?
       union all select local from address where domain = ? and local = ?`,
      domain,
      pattern,
      domain,
      pattern,
    );
    if (taken) throw new Refusal('conflict', 'is an address or a route already', { at: 'address' });
    yield* rows(
      'insert into inbound_route (id, org, domain, pattern, url, secret, options, created_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      org,
      domain,
      pattern,
      url,
      route.secret,
      JSON.stringify(route.options),
      route.createdAtMs,
    );
    const subject = `${pattern}@${domain}`;
    yield* recordChange(change, { org, action: 'inboundRoute.create', subject, detail: { id, url } });
  },
);

interface Rotation {
  readonly change: Change;
  readonly org: string;
  readonly id: string;
  readonly secret: string;
  /** Until when the one before signs too. */
  readonly untilMs: number;
}

export const rotateInboundSecret = operation(
  'directory.rotateInboundSecret',
  function* ({ change, org, id, secret, untilMs }: Rotation): Transaction<void> {
    const before = yield* existing<{ secret: string; options: string; pattern: string; domain: string }>(
      'route',
      'select secret, options, pattern, domain from inbound_route where org = ? and id = ?',
      org,
      id,
    );
    const { previous: _, ...holds } = JSON.parse(before.options) as { previous?: object };
    const previous = untilMs > change.atMs ? { previous: { secret: before.secret, untilMs } } : {};
    const options = { ...holds, ...previous };
    yield* rows(
      'update inbound_route set secret = ?, options = ? where org = ? and id = ?',
      secret,
      JSON.stringify(options),
      org,
      id,
    );
    const subject = `${before.pattern}@${before.domain}`;
    yield* recordChange(change, { org, action: 'inboundRoute.rotate', subject, detail: { id, untilMs } });
  },
);

export const deleteInboundRoute = operation(
  'directory.deleteInboundRoute',
  function* ({ change, org, id }: { change: Change; org: string; id: string }): Transaction<void> {
    const { pattern, domain } = yield* existing<{ pattern: string; domain: string }>(
      'route',
      'delete from inbound_route where org = ? and id = ? returning pattern, domain',
      org,
      id,
    );
    const subject = `${pattern}@${domain}`;
    yield* recordChange(change, { org, action: 'inboundRoute.delete', subject, detail: { id } });
  },
  { essential: true },
);

/** A name that is a domain of mail here, or that another organisation has, cannot be taken. */
export const putSendingDomain = operation(
  'directory.putSendingDomain',
  function* ({ change, domain }: { change: Change; domain: SendingDomain }): Transaction<void> {
    const { name, org, purpose } = domain;
    yield* existing('organisation', 'select id from org where id = ?', org);
    const taken = yield* maybe(
      'select name from domain where name = ? union all select name from sending_domain where name = ? and (org <> ? or purpose <> ?)',
      name,
      name,
      org,
      purpose,
    );
    if (taken) throw new Refusal('conflict', `${name} is in use already`, { at: 'name' });
    yield* rows('delete from sending_domain where org = ? and purpose = ?', org, purpose);
    yield* rows(
      'insert into sending_domain (name, org, purpose, created_at) values (?, ?, ?, ?)',
      name,
      org,
      purpose,
      domain.createdAtMs,
    );
    yield* recordChange(change, { org, action: 'sendingDomain.put', subject: name, detail: { purpose } });
  },
);

export const deleteSendingDomain = operation(
  'directory.deleteSendingDomain',
  function* (args: { change: Change; org: string; purpose: string }): Transaction<void> {
    const { change, org, purpose } = args;
    const { name } = yield* existing<{ name: string }>(
      'domain',
      'delete from sending_domain where org = ? and purpose = ? returning name',
      org,
      purpose,
    );
    yield* recordChange(change, { org, action: 'sendingDomain.delete', subject: name, detail: { purpose } });
  },
  { essential: true },
);
