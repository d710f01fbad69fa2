/**
 * The published JSON Schemas of `result.json` and `chaos.json`, and what violates them.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AnySchemaObject, ErrorObject } from 'ajv';

/** Says what violates the schema, one sentence each; nothing when it is satisfied. */
export type ResultCheck = (parsed: unknown) => string[];

/** Compiles the schema of a result, which takes longer than checking one. */
export function compileResultCheck(): Promise<ResultCheck> {
  return compileCheck('result.schema.json', 'result');
}

/** Compiles the schema of a chaos report. */
export function compileChaosCheck(): Promise<ResultCheck> {
  return compileCheck('chaos.schema.json', 'report');
}

async function compileCheck(schemaFile: string, whole: string): Promise<ResultCheck> {
  const [{ Ajv2020 }, schema] = await Promise.all([import('ajv/dist/2020.js'), readSchema(schemaFile)]);
  const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
  return (parsed) => (validate(parsed) ? [] : (validate.errors ?? []).map((error) => describeViolation(error, whole)));
}

async function readSchema(schemaFile: string): Promise<AnySchemaObject> {
  // By a name under which the package exports one: the same folder from the sources, from dist and when installed.
  const folder = path.dirname(createRequire(import.meta.url).resolve('redlock-bench/result.schema.json'));
  return JSON.parse(await readFile(path.join(folder, schemaFile), 'utf8')) as AnySchemaObject;
}

function describeViolation({ instancePath, message, params }: ErrorObject, whole: string): string {
  const extra = (params as { additionalProperty?: unknown }).additionalProperty;
  const key = typeof extra === 'string' ? ` (${extra})` : '';
  return `${instancePath === '' ? whole : instancePath}: ${message ?? 'violates the schema'}${key}`;
}
