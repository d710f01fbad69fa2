/**
 * The published JSON Schema of `result.json`, and what violates it.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AnySchemaObject, ErrorObject } from 'ajv';

/** Says what violates the schema, one sentence each; nothing when it is a result. */
export type ResultCheck = (parsed: unknown) => string[];

/** Compiles the schema, which takes longer than checking a result. */
export async function compileResultCheck(): Promise<ResultCheck> {
  const [{ Ajv2020 }, schema] = await Promise.all([import('ajv/dist/2020.js'), readSchema()]);
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  return (parsed) => (validate(parsed) ? [] : (validate.errors ?? []).map(describeViolation));
}

async function readSchema(): Promise<AnySchemaObject> {
  // By the name under which the package exports it: the same file from the sources, from dist and when installed.
  const file = createRequire(import.meta.url).resolve('redlock-bench/result.schema.json');
  return JSON.parse(await readFile(file, 'utf8')) as AnySchemaObject;
}

function describeViolation({ instancePath, message, params }: ErrorObject): string {
  const extra = (params as { additionalProperty?: unknown }).additionalProperty;
  const key = typeof extra === 'string' ? ` (${extra})` : '';
  return `${instancePath === '' ? 'result' : instancePath}: ${message ?? 'violates the schema'}${key}`;
}
