/** The operations of webhooks, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import {
  addEndpoint,
  claimEndpoints,
  dropEndpoint,
  editEndpoint,
  releaseEndpoints,
} from './rows/endpoints.ts';
import { pruneAttempts, reviveDead, settleWebhook, tellAgain } from './rows/settle.ts';
import { dropEndpointsOfOrg, endpointsOrgs } from './rows/gone.ts';

export const operations: readonly AnyOperation[] = [
  addEndpoint,
  editEndpoint,
  dropEndpoint,
  claimEndpoints,
  releaseEndpoints,
  settleWebhook,
  reviveDead,
  tellAgain,
  pruneAttempts,
  endpointsOrgs,
  dropEndpointsOfOrg,
];
