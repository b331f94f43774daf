// Writes the description of the send API (docs/reference/send-api.json) and the types of its client. `node scripts/send-openapi.mjs`
import { writeFileSync } from 'node:fs';
import { describeSendApi } from '../src/httpd/send-testing.ts';
import { typesOf } from './openapi-types.mjs';

const root = new URL('../', import.meta.url);
const document = await describeSendApi();
writeFileSync(new URL('docs/reference/send-api.json', root), `${JSON.stringify(document, null, 2)}\n`);
writeFileSync(new URL('clients/typescript/src/api-types.ts', root), typesOf(document));
