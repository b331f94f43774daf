/** Settings of the API by which programs send. */
import * as Type from 'typebox';
import { count, list, section } from './fields.ts';

export const sendApi = section('The HTTP API by which programs send (`/v1`).', {
  requestsPerMinute: count(
    'Requests of one organisation, in all threads and nodes; ten seconds of them may come at once. What is above is told to come later.',
    { min: 6, max: 10_000_000, default: 6000 },
  ),
  linkNetworks: list(
    'Networks besides the public ones that attachments may be fetched from by link, and that inbound mail may be posted to. Whoever has a key can talk HTTPS to what is there.',
    Type.String(),
  ),
});
