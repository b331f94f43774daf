import type { Command } from 'commander';
import { openControl } from '../settings-file.ts';

export function addApi(program: Command): void {
  program
    .command('api <method> <path> [json]')
    .description(
      'call the admin API (docs at /openapi.json): hikyaku api POST /api/v1/admin/orgs \'{"name":"Example"}\'',
    )
    .action(async (method: string, path: string, json: string | undefined, _: object, command: Command) => {
      const body = json === undefined ? undefined : (JSON.parse(json) as unknown);
      const answer = await openControl(command).call(method.toUpperCase(), path, body);
      if (answer !== undefined) console.log(JSON.stringify(answer, null, 2));
    });
}
