/** Turns the document that Fastify collects, which repeats every schema at each use, into one with named components. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Moves each object schema that has a `title` to `#/components/schemas/<title>` and refers to it.
 *
 * @throws Error where two different schemas have one title
 */
export function withComponents(collected: object): Record<string, unknown> {
  const schemas: Record<string, Json> = {};

  function move(value: Json): Json {
    if (Array.isArray(value)) {
      return value.map(move);
    }
    if (value === null || typeof value !== 'object') {
      return value;
    }
    const moved = Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, move(inner)])
    );
    const { title } = moved;
    if (moved['type'] !== 'object' || typeof title !== 'string') {
      return moved;
    }
    const known = schemas[title];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(moved)) {
      throw new Error(`Two schemas are called ${title}.`);
    }
    schemas[title] = moved;
    return { $ref: `#/components/schemas/${title}` };
  }

  // Through JSON, so that what TypeBox keeps beside a schema (symbols, undefined) is left behind.
  const { openapiObject } = collected as { openapiObject?: object }; // swagger's hook passes one of two forms
  const document = JSON.parse(JSON.stringify(openapiObject ?? collected)) as {
    paths: Json;
    components: { schemas?: Json };
  };
  document.paths = move(document.paths);
  document.components.schemas = Object.fromEntries(
    Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))
  );
  return document;
}
