/** Settings of signing in by an identity provider (OpenID Connect). */
import * as Type from 'typebox';
import { flag, item, list, text } from './fields.ts';

const provider = item({
  name: text(
    'Short name: it stands in addresses, as in `https://…/api/v1/session/oidc/NAME/callback`, which the provider must be told.',
  ),
  title: text('What the button says: `Sign in with …`.', ''),
  issuer: text(
    'Its address, as `https://login.example.jp`: below it `.well-known/openid-configuration` is read.',
  ),
  clientId: text('Id of this server there.'),
  clientSecret: text('Its secret, or `env:NAME` to take it from the environment.', ''),
  domains: list(
    'Domains whose addresses it may vouch for. A person signs in to the account whose login is their verified address.',
    Type.String({ minLength: 1 }),
  ),
  plainHttp: flag('The issuer may be http://. For test set-ups only.', false),
});

export const oidc = list(
  'Identity providers that people may sign in with in the browser (OpenID Connect): what they prove counts as password and second factor together.',
  provider,
);
