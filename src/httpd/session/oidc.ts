/**
 * Signing in by an identity provider: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636), `state` and `nonce`, by openid-client, which is loaded when
 * somebody uses it. What must be known again when the browser comes back is in a signed cookie of ten minutes; nothing is kept before somebody is proved.
 */
import type { Configuration } from 'openid-client';
import type { Clock } from '../../base/clock.ts';
import { Refusal } from '../../base/refusal.ts';

/** A provider as the operator's settings have it. */
export interface OidcProvider {
  /** Stands in addresses. */
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** It may vouch for addresses of these alone; A-labels in lower case. */
  readonly domains: readonly string[];
  readonly plainHttp: boolean;
}

const load = () => import('openid-client');
/** Of each request to the provider. */
const timeoutSeconds = 10;
/** What a provider says of itself is read again after so long: it may change its addresses. */
const configurationKeptMs = 60 * 60_000;

/** What is known from the way out to the way back. */
export interface OidcFacts {
  readonly is: 'oidc';
  readonly provider: string;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  /** Where the person wanted to be: a path of this server. */
  readonly to: string;
}

export class OidcDoor {
  readonly #providers: readonly OidcProvider[];
  readonly #clock: Clock;
  readonly #known = new Map<
    string,
    { readonly atMs: number; readonly configuration: Promise<Configuration> }
  >();

  constructor(providers: readonly OidcProvider[], clock: Clock) {
    this.#providers = providers;
    this.#clock = clock;
  }

  get list(): readonly { readonly name: string; readonly title: string }[] {
    return this.#providers.map(({ name, title }) => ({ name, title: title || name }));
  }

  /** Refusal `notFound`. */
  named(name: string): OidcProvider {
    const found = this.#providers.find((one) => one.name === name);
    if (!found) throw new Refusal('notFound', 'no such identity provider');
    return found;
  }

  /** Where the browser goes, and what to remember. `callback`: where it comes back to. */
  async begin(
    provider: OidcProvider,
    { callback, to }: { readonly callback: string; readonly to: string },
  ): Promise<{ readonly url: string; readonly facts: OidcFacts }> {
    const {
      buildAuthorizationUrl,
      calculatePKCECodeChallenge,
      randomNonce,
      randomPKCECodeVerifier,
      randomState,
    } = await load();
    const configuration = await this.#configurationOf(provider);
    const facts: OidcFacts = {
      is: 'oidc',
      provider: provider.name,
      verifier: randomPKCECodeVerifier(),
      state: randomState(),
      nonce: randomNonce(),
      to,
    };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: callback,
      scope: 'openid email',
      code_challenge: await calculatePKCECodeChallenge(facts.verifier),
      code_challenge_method: 'S256',
      state: facts.state,
      nonce: facts.nonce,
    });
    return { url: url.href, facts };
  }

  /** The verified address of who comes back to `cameTo`. Refusal: `authenticationFailed`, `notAllowed`. */
  async finish(provider: OidcProvider, facts: OidcFacts, cameTo: URL): Promise<string> {
    const client = await load();
    const configuration = await this.#configurationOf(provider);
    const tokens = await client
      .authorizationCodeGrant(configuration, cameTo, {
        pkceCodeVerifier: facts.verifier,
        expectedState: facts.state,
        expectedNonce: facts.nonce,
        idTokenExpected: true,
      })
      .catch((error: unknown) => {
        throw new Refusal('authenticationFailed', `the identity provider: ${textOf(error)}`);
      });
    const claims = tokens.claims()!;
    // Many providers tell the address to whoever asks with the token, not in the token.
    const more =
      claims['email'] === undefined
        ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub).catch(() => undefined)
        : undefined;
    const { email, email_verified: verified } = more ?? claims;
    if (typeof email !== 'string' || verified !== true)
      throw new Refusal('notAllowed', 'the identity provider tells no verified address');
    const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
    if (!provider.domains.includes(domain))
      throw new Refusal('notAllowed', 'the identity provider may not vouch for that domain');
    return email;
  }

  #configurationOf(provider: OidcProvider): Promise<Configuration> {
    const known = this.#known.get(provider.name);
    if (known && this.#clock.monotonicMs() - known.atMs < configurationKeptMs) return known.configuration;
    const configuration = discover(provider);
    configuration.catch(() => this.#known.delete(provider.name));
    this.#known.set(provider.name, { atMs: this.#clock.monotonicMs(), configuration });
    return configuration;
  }
}

async function discover({ issuer, clientId, clientSecret, plainHttp }: OidcProvider): Promise<Configuration> {
  const client = await load();
  const insecure = plainHttp ? [client.allowInsecureRequests] : [];
  try {
    return await client.discovery(
      new URL(issuer),
      clientId,
      undefined,
      clientSecret === '' ? client.None() : client.ClientSecretBasic(clientSecret),
      // Signatures of ID tokens are checked though they come over TLS.
      { timeout: timeoutSeconds, execute: [client.enableNonRepudiationChecks, ...insecure] },
    );
  } catch (error) {
    throw new Refusal('storageBusy', `the identity provider does not answer: ${textOf(error)}`);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
