/**
 * The reference pages of the settings and of a sink's scenarios, made from their schemas: `hikyaku settings` and `hikyaku sink reference` print them, docs/reference/
 * holds them.
 */
import { settingsSchema } from './schema.ts';
import { scenarioSchema } from './sink-scenario.ts';

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const head = `# Settings

One TOML file. Every setting with its default; what is not listed here is an error, and \`hikyaku serve --check\` names all errors at once.
A value \`env:NAME\` is taken from the environment.
`;

const scenarioHead = `# Scenarios of the sink

What \`hikyaku sink\` plays, as a TOML file. Every field with its default; what is not listed here is an error, and \`hikyaku sink check\` names all errors at once.
[Practise before you send](../guide/game-day.md) tells how to use them.
`;

export const settingsReference = (): string => page(head, settingsSchema as unknown as Node);
export const scenarioReference = (): string => page(scenarioHead, scenarioSchema as unknown as Node);

function page(opening: string, root: Node): string {
  const plain = Object.entries(root.properties ?? {}).filter(([, node]) => !isSection(node));
  const sections = Object.entries(root.properties ?? {}).filter(([, node]) => isSection(node));
  return [
    opening,
    '## Top of the file\n',
    ...plain.map(([name, node]) => line(name, node)),
    '',
    ...sections.flatMap(([name, node]) => part(name, node)),
  ].join('\n');
}

const isSection = (node: Node): boolean =>
  node.properties !== undefined || node.items?.properties !== undefined;

function part(name: string, node: Node): string[] {
  const many = node.items?.properties !== undefined;
  const fields = Object.entries((many ? node.items?.properties : node.properties) ?? {});
  return [
    `## ${many ? `[[${name}]]` : `[${name}]`}\n`,
    `${node.description ?? ''}\n`,
    ...fields.flatMap(([field, one]) => [line(field, one), ...elements(one)]),
    '',
  ];
}

function line(name: string, node: Node): string {
  const fallback = node.default === undefined ? 'no default' : `default \`${JSON.stringify(node.default)}\``;
  return `- \`${name}\` (${shape(node)}, ${fallback}): ${node.description ?? ''}`;
}

/** The fields of each element of a list within a section, and of a section within one. */
function elements({ items, properties }: Node): string[] {
  return Object.entries(items?.properties ?? properties ?? {}).flatMap(([field, one]) =>
    [line(field, one), ...elements(one)].map((text) => `  ${text}`),
  );
}

function shape(node: Node): string {
  if (node.enum !== undefined) return node.enum.join(' | ');
  if (node.type === 'integer') return `${node.minimum} to ${node.maximum}`;
  if (node.type === 'number') return `number, ${node.minimum} to ${node.maximum}`;
  if (node.type === 'array') return 'list';
  if (node.type === 'boolean') return 'true or false';
  return 'text';
}
