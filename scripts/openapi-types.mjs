// TypeScript types of an OpenAPI document: for each operation its body, its query and its answers. Pure; schemas as typebox writes them.

const cap = (text) => text[0].toUpperCase() + text.slice(1);

const comment = (schema, indent) =>
  schema.description === undefined ? '' : `${indent}/** ${schema.description.replaceAll('*/', '* /')} */\n`;

function typeOf(schema, indent = '') {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map((one) => grouped(one, indent)).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'void';
    case 'array':
      return `readonly ${grouped(schema.items, indent)}[]`;
    case 'object':
      return objectOf(schema, indent);
    default:
      return 'unknown';
  }
}

/** Within another type: what is made of several stands in brackets. */
function grouped(schema, indent) {
  const type = typeOf(schema, indent);
  return schema.anyOf || schema.enum || schema.type === 'array' ? `(${type})` : type;
}

function objectOf({ properties, patternProperties, additionalProperties, required = [] }, indent) {
  const inner = `${indent}  `;
  if (properties === undefined) {
    const value = Object.values(patternProperties ?? {})[0] ?? additionalProperties;
    return `Readonly<Record<string, ${value && typeof value === 'object' ? typeOf(value, indent) : 'unknown'}>>`;
  }
  const lines = Object.entries(properties).map(([name, schema]) => {
    const optional = required.includes(name) ? '' : '?';
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
    const undef = optional === '' ? '' : ' | undefined';
    return `${comment(schema, inner)}${inner}readonly ${key}${optional}: ${typeOf(schema, inner)}${undef};\n`;
  });
  return lines.length === 0 ? 'Readonly<Record<string, never>>' : `{\n${lines.join('')}${indent}}`;
}

const bodyOf = (content) => Object.values(content ?? {})[0]?.schema;

function operationTypes(operation) {
  const name = cap(operation.operationId);
  const out = [];
  const declare = (kind, schema, about) => {
    if (schema) out.push(`/** ${about} */\nexport type ${name}${kind} = ${typeOf(schema)};\n`);
  };
  declare('Request', bodyOf(operation.requestBody?.content), `What \`${operation.operationId}\` is given.`);
  const query = (operation.parameters ?? []).filter((one) => one.in === 'query');
  if (query.length > 0)
    declare(
      'Query',
      {
        type: 'object',
        properties: Object.fromEntries(
          query.map((one) => [one.name, { ...one.schema, description: one.description }]),
        ),
        required: query.filter((one) => one.required).map((one) => one.name),
      },
      `How \`${operation.operationId}\` is asked.`,
    );
  const answers = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  for (const [i, [status, response]] of answers.entries()) {
    const schema = bodyOf(response.content);
    if (schema) declare(i === answers.length - 1 ? 'Answer' : `Answer${status}`, schema, operation.summary);
  }
  return out.join('\n');
}

/** The whole file. */
export function typesOf(document) {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const problem = bodyOf(operations[0].responses['4XX'].content);
  return [
    '// Made from docs/reference/send-api.json by scripts/send-openapi.mjs.\n',
    `/** RFC 9457 problem details. */\nexport type Problem = ${typeOf({ ...problem, description: undefined })};\n`,
    ...operations.map(operationTypes),
  ].join('\n');
}
