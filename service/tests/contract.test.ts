import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiDocument } from '../src/http/contract.ts';
import { CONTRACT, operations } from './support/contract.ts';
import { startService } from './support/service.ts';

const committed = readFileSync(CONTRACT, 'utf8');

test('the committed contract is what `epo-export openapi` prints', async () => {
  expect(await openApiDocument()).toBe(committed);
});

test('the running service shows the committed contract to anybody', async () => {
  const service = await startService();
  try {
    const shown = await fetch(service.api.replace('/v1', '/openapi.json'));
    expect(shown.status).toBe(200);
    expect(await shown.json()).toEqual(JSON.parse(committed));
  } finally {
    await service.close();
  }
});

test.each(operations().map(operation => [operation.id, operation] as const))(
  '%s documents each way in which it can be refused, in one form',
  (_id, { responses }) => {
    const refusals = Object.entries(responses).filter(([status]) => /^[45]/.test(status));
    expect(refusals.map(([status]) => status)).toEqual(
      expect.arrayContaining(['400', '401', '404', '422', '500', '503'])
    );
    for (const [, refusal] of refusals) {
      expect(refusal).toMatchObject({
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } }
      });
    }
  }
);
