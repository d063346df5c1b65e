/**
 * A body is taken as it is or not at all. Fastify's own validator turns `5` into `"5"` and a thing into a list of one,
 * which a query needs and a body must not have: what a PI sent is what is recorded and exported.
 */
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import Value from 'typebox/value';
import { ClientError } from './errors.ts';

/** Refuses, before anything is converted, a body that is not what its route's schema says. */
export function installStrictBodies(app: FastifyInstance): void {
  app.addHook('preValidation', async request => {
    const schema = request.routeOptions.schema?.body;
    if (!Type.IsSchema(schema)) {
      return;
    }
    // "boolean" is how a property too many is told a second time.
    const problem = Value.Errors(schema, request.body).find(({ keyword }) => keyword !== 'boolean');
    if (problem) {
      throw new ClientError('invalid', `body${problem.instancePath} ${problem.message}.`, [
        'body',
        ...problem.instancePath.split('/').filter(Boolean)
      ]);
    }
  });
}
