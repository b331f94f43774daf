import type { Command } from 'commander';
import { usageError } from '../failure.ts';
import { openControl } from '../settings-file.ts';

export function addApi(program: Command): void {
  program
    .command('api <method> <path> [json]')
    .summary('call the HTTP API')
    .description(
      'call the admin API (docs at /openapi.json): hikyaku api POST /api/v1/admin/orgs \'{"name":"Example"}\'',
    )
    .action(async (method: string, path: string, json: string | undefined, _: object, command: Command) => {
      const body = json === undefined ? {} : { body: readJson(json) };
      const answer = await openControl(command).call<unknown>(method.toUpperCase(), path, body);
      if (answer !== undefined) console.log(JSON.stringify(answer, null, 2));
    });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw usageError(`[json]: ${(error as Error).message}`);
  }
}
