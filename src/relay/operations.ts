/** The operations of the relay service, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { drawRequests } from './rows/requests.ts';
import { deleteTemplate, listTemplates, putTemplate } from './rows/template.ts';
import { dropTemplatesOfOrg, templatesOrgs } from './rows/gone.ts';

export const operations: readonly AnyOperation[] = [
  putTemplate,
  deleteTemplate,
  listTemplates,
  drawRequests,
  templatesOrgs,
  dropTemplatesOfOrg,
];
