/** Settings of webhooks. */
import * as Type from 'typebox';
import { flag, list, section } from './fields.ts';

export const webhooks = section('Webhooks: endpoints on the web that are told what happens to mail.', {
  allow: list(
    'Networks that endpoints may be in beside the whole Internet: `10.1.0.0/16`, `127.0.0.1`. None unless told, so that nobody makes the server speak to its neighbours.',
    Type.String(),
  ),
  plainHttp: flag('Endpoints may be http:// too, where what is told can be read on the way.', false),
});
