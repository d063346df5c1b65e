/**
 * What several resources share on the wire. Every schema here and in the rooms' own `schemas.ts` ends in
 * `contract/openapi.json`, from which the clients' types come.
 */
import { Type, type TProperties, type TSchema } from 'typebox';

/**
 * An object that has exactly these properties: what a caller misspells is refused, not ignored. One with a
 * `title` becomes a named component of the OpenAPI document (see `openapi.ts`).
 */
export const Strict = <T extends TProperties>(
  properties: T,
  options: { title?: string; description?: string } = {}
) => Type.Object(properties, { ...options, additionalProperties: false });

/** A closed set of words, as JSON Schema's `enum`. */
export const OneOf = <const T extends readonly string[]>(words: T, description: string) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...words], description });

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** The pattern too, since the format alone admits `urn:uuid:…`, which PostgreSQL does not take for an id. */
export const Uuid = (description: string) =>
  Type.String({
    format: 'uuid',
    pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$',
    description
  });

export const Time = (description: string) =>
  Type.String({ format: 'date-time', description: `${description} UTC, ISO 8601 with Z.` });

/** A name that goes into logs, manifests and pages: one line, no control character, no half of one (a lone surrogate). */
export const Line = (description: string, maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff]+$',
    description
  });

/** The platform's form of an error (`safir` and Gafaelfawr use the same). */
export const ErrorBody = Strict(
  {
    detail: Type.Array(
      Strict({
        msg: Type.String({
          description: 'One sentence or two for a person: what happened, what is safe, what to do.'
        }),
        type: Type.String({ description: 'A snake_case code for programs.' }),
        loc: Type.Optional(
          Type.Array(Type.String(), {
            description: 'Where in the request, e.g. ["body", "subject_set"].'
          })
        )
      })
    )
  },
  { title: 'ErrorBody', description: 'What went wrong.' }
);

/** Answers that any authenticated operation can give besides its own. */
export const commonErrors = {
  400: ErrorBody,
  401: ErrorBody,
  403: ErrorBody,
  404: ErrorBody,
  409: ErrorBody,
  413: ErrorBody,
  415: ErrorBody,
  422: ErrorBody,
  429: ErrorBody,
  500: ErrorBody,
  503: ErrorBody
} as const;

export const COLLECTION_KINDS = ['run', 'chain', 'prefix'] as const;
export type CollectionKind = (typeof COLLECTION_KINDS)[number];

export const CollectionName = Line(
  'A Butler collection name, such as `u/alien/zooniverse-1`.',
  255
);

export const CollectionPick = Strict(
  {
    name: CollectionName,
    kind: OneOf(
      COLLECTION_KINDS,
      'A RUN; a CHAINED collection (its runs, those to come too); or a prefix (every run below `name/`, those to come too).'
    )
  },
  {
    title: 'CollectionPick',
    description: 'A collection, or a set of runs to come, that the PI picked.'
  }
);

export const RepositoryLabel = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[A-Za-z0-9_.-]+$',
  description: 'The label by which the operator configured the Butler repository.'
});

export const PageQuery = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, default: 100, description: 'Rows a page.' })
  ),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: "From the last page's `next_cursor`."
    })
  )
};

export const NextCursor = Nullable(
  Type.String({ description: 'Give it as `cursor` for the next page; null at the end.' })
);
