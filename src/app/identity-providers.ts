/** Identity providers of the settings, for the HTTP server. */
import type { Settings } from '../config/schema.ts';
import type { HttpParts } from '../httpd/parts.ts';
import { domainToAscii } from '../proto/smtp/domain.ts';

export const identityProviders = ({ oidc }: Settings): HttpParts['oidc'] =>
  oidc.map((one) => ({
    name: one.name,
    title: one.title,
    issuer: one.issuer,
    clientId: one.clientId,
    clientSecret: one.clientSecret,
    domains: one.domains.map((domain) => domainToAscii(domain)?.toLowerCase() ?? domain),
    plainHttp: one.plainHttp,
  }));
