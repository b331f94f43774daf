/**
 * What the server publishes to anybody who asks by HTTP, without credentials: proofs for certificate authorities, MTA-STS policies, and how
 * mailers set themselves up. Nothing here tells whether an address exists.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { splitAddress } from '../../proto/smtp/path.ts';
import type { App } from '../admin-api/app.ts';
import type { HttpParts, MailSetup, PublishedParts } from '../parts.ts';
import { appleProfile } from './apple-profile.ts';
import { autoconfigXml } from './autoconfig.ts';
import { autodiscoverError, autodiscoverXml, readAutodiscover, readsOutlook } from './autodiscover.ts';
import { unsubscribeRoutes } from './unsubscribe.ts';

/** A TLS report, packed. */
const tlsReportMaxBytes = 1024 * 1024;
/** A request of Outlook has some hundred bytes. */
const autodiscoverMaxBytes = 16 * 1024;
const hidden = { schema: { hide: true } } as const;

export function publishedRoutes(app: App, { published }: HttpParts): void {
  /** RFC 8555, 8.3: proves to a certificate authority that a name is ours. */
  app.get<{ Params: { token: string } }>(
    '/.well-known/acme-challenge/:token',
    hidden,
    async (request, reply) => {
      const answer = await published.proofFor(request.params.token);
      return answer === undefined
        ? reply.callNotFound()
        : reply.type('application/octet-stream').send(answer);
    },
  );

  /** RFC 8461, 3.3. */
  app.get('/.well-known/mta-sts.txt', hidden, async (request, reply) => {
    const domain = below(hostOf(request), 'mta-sts');
    const policy = domain === undefined ? undefined : await published.stsPolicyOf(domain);
    return policy === undefined ? reply.callNotFound() : reply.type('text/plain').send(policy);
  });

  for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'])
    app.get<AddressQuery>(path, hidden, async (request, reply) => {
      const setup = await setupFor(published, request, request.query.emailaddress);
      return setup === undefined ? reply.callNotFound() : xml(reply, autoconfigXml(setup));
    });

  app.get<AddressQuery>('/mail/profile.mobileconfig', hidden, async (request, reply) => {
    const { address = '' } = request.query;
    const setup = splitAddress(address) === null ? undefined : await setupFor(published, request, address);
    const profile = setup && appleProfile(setup, address);
    if (profile === undefined) return reply.callNotFound();
    return reply
      .type('application/x-apple-aspen-config; charset=utf-8')
      .header('content-disposition', 'attachment; filename="mail.mobileconfig"')
      .send(profile);
  });
  outlookRoutes(app, published);
  tlsReportRoute(app, published);
  unsubscribeRoutes(app, published);
}

/** RFC 8460, 5.1: a report by HTTPS. What is none is taken too, and forgotten: who posts it could mend nothing. */
function tlsReportRoute(app: App, published: PublishedParts): void {
  for (const type of ['application/tlsrpt+gzip', 'application/tlsrpt+json'])
    app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: tlsReportMaxBytes }, (_, body, done) =>
      done(null, body),
    );
  app.post<{ Body: unknown }>(
    '/reports/tls',
    { ...hidden, bodyLimit: tlsReportMaxBytes },
    async ({ body }, reply) => {
      if (!Buffer.isBuffer(body)) return reply.code(415).send();
      await published.takeTlsReport(body);
      return reply.code(201).send();
    },
  );
}

interface AddressQuery {
  Querystring: { emailaddress?: string; address?: string; Email?: string };
}

function outlookRoutes(app: App, published: PublishedParts): void {
  void app.register(async (outlook) => {
    const options = { parseAs: 'string', bodyLimit: autodiscoverMaxBytes } as const;
    outlook.addContentTypeParser(
      ['text/xml', 'application/xml'],
      options,
      async (_: unknown, body: string | Buffer) => body,
    );
    // Mailers write it in each of these ways.
    for (const path of [
      '/autodiscover/autodiscover.xml',
      '/Autodiscover/Autodiscover.xml',
      '/AutoDiscover/AutoDiscover.xml',
    ])
      outlook.post(path, hidden, async (request, reply) => {
        const asked = readAutodiscover(String(request.body));
        if (asked === undefined) return xml(reply, autodiscoverError(600, 'No address'));
        if (!readsOutlook(asked))
          return xml(reply, autodiscoverError(601, 'Only the schema of Outlook is served'));
        const setup = await setupFor(published, request, asked.address);
        return setup === undefined ? reply.callNotFound() : xml(reply, autodiscoverXml(setup, asked.address));
      });
    outlook.get<AddressQuery>('/autodiscover/autodiscover.json', hidden, async (request, reply) => {
      const setup = await setupFor(published, request, request.query.Email);
      if (setup === undefined) return reply.callNotFound();
      const url = `https://autodiscover.${setup.domain}/autodiscover/autodiscover.xml`;
      return reply.send({ Protocol: 'AutodiscoverV1', Url: url });
    });
  });
}

/** Of the domain of the address, or of the host that was asked where none is given. */
async function setupFor(
  published: PublishedParts,
  request: FastifyRequest,
  address: string | undefined,
): Promise<MailSetup | undefined> {
  const host = hostOf(request);
  const domain =
    address === undefined
      ? (below(host, 'autoconfig') ?? below(host, 'autodiscover') ?? host)
      : splitAddress(address)?.domain;
  return domain === undefined || domain === '' ? undefined : published.mailSetupOf(domain);
}

const hostOf = ({ headers }: FastifyRequest): string =>
  (headers.host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

function below(host: string, label: string): string | undefined {
  return host.startsWith(`${label}.`) ? host.slice(label.length + 1) : undefined;
}

const xml = (reply: FastifyReply, text: string) => reply.type('text/xml; charset=utf-8').send(text);
