/** The service's operations, as the committed contract has them, so that no test forgets one. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Type } from 'typebox';
import Value from 'typebox/value';

export const CONTRACT = resolve(import.meta.dirname, '../../../contract/openapi.json');

const Operation = Type.Object({
  operationId: Type.String(),
  tags: Type.Array(Type.String()),
  responses: Type.Record(Type.String(), Type.Unknown())
});

const Document = Type.Object({
  paths: Type.Record(Type.String(), Type.Record(Type.String(), Operation))
});

const PREFIX = '/epo-export/v1';

export interface ContractOperation {
  readonly id: string;
  readonly method: string;
  /** Below `/epo-export/v1`, with `{…}` for parameters. */
  readonly path: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

/** What needs a token: every operation below the API's prefix. */
export function operations(): ContractOperation[] {
  const { paths } = Value.Parse(Document, JSON.parse(readFileSync(CONTRACT, 'utf8')));
  return Object.entries(paths).flatMap(([path, methods]) =>
    path.startsWith(PREFIX)
      ? Object.entries(methods).map(([method, { operationId, responses }]) => ({
          id: operationId,
          method: method.toUpperCase(),
          path: path.slice(PREFIX.length),
          responses
        }))
      : []
  );
}
