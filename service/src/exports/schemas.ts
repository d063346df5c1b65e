import { Type, type Static } from 'typebox';
import {
  CollectionPick,
  Line,
  NextCursor,
  Nullable,
  OneOf,
  PageQuery,
  RepositoryLabel,
  Strict,
  Time,
  Uuid
} from '../http/schemas.ts';
import { exportStates, itemStates, type Actor, type UwsPhase } from './transitions.ts';

const PHASES = [
  'QUEUED',
  'EXECUTING',
  'HELD',
  'COMPLETED',
  'ERROR',
  'ABORTED',
  'ARCHIVED'
] as const satisfies UwsPhase[];
const ACTORS = ['pi', 'staff', 'system'] as const satisfies Actor[];
const ACTIONS = ['cancel', 'retry', 'withdraw'] as const;

/** The Zooniverse cuts a header at each colon, and reserves `#priority` (see docs/manual). */
const MetadataColumn = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?!#priority$)[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff:,"]+$',
  description:
    'A key of `zooniverse_metadata`, or a dimension of the data ID. No colon, comma or quote.'
});

const DatasetType = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[A-Za-z_][A-Za-z0-9_.]*$',
  description: 'The Butler dataset type of the images, e.g. `zooniverse_cutout`.'
});

export const Reason = Strict(
  {
    type: Type.String({ description: 'A snake_case code.' }),
    msg: Type.String({ description: 'For a person.' })
  },
  { title: 'Reason', description: 'Why something stopped or was refused.' }
);
export type Reason = Static<typeof Reason>;

const submission = {
  repository: RepositoryLabel,
  collections: Type.Array(CollectionPick, { minItems: 1, maxItems: 100, uniqueItems: true }),
  dataset_type: DatasetType,
  metadata_columns: Type.Optional(
    Type.Array(MetadataColumn, {
      maxItems: 50,
      uniqueItems: true,
      description: 'What becomes public beside the images. None by default.'
    })
  ),
  frame_dimension: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      pattern: '^[a-z_][a-z0-9_]*$',
      description:
        'The dimension that tells the frames of one subject apart (a flipbook), e.g. `day_obs`.'
    })
  )
};

export const Preflight = Strict(submission, { title: 'Preflight' });
export type Preflight = Static<typeof Preflight>;

export const PreflightReport = Strict(
  {
    ok: Type.Boolean({ description: 'Whether a submission of this would be taken now.' }),
    total: Type.Integer({ description: 'How many items the export would have.' }),
    collections: Type.Array(
      Strict({
        name: Type.String(),
        runs: Type.Array(Strict({ name: Type.String(), count: Type.Integer() })),
        left_out: Type.Array(Type.String(), {
          description: "Runs of a chain that are not the PI's and are not read."
        })
      })
    ),
    problems: Type.Array(Reason, { description: 'What would have the submission refused.' }),
    warnings: Type.Array(Reason)
  },
  {
    title: 'PreflightReport',
    description: 'What a submission would take, asked before it is made.'
  }
);
export type PreflightReport = Static<typeof PreflightReport>;

export const ExportCreate = Strict(
  {
    project_id: Uuid('The project that the export belongs to.'),
    subject_set: Line('The name of the Zooniverse subject set.', 100),
    ...submission
  },
  { title: 'ExportCreate' }
);
export type ExportCreate = Static<typeof ExportCreate>;

export const Export = Strict(
  {
    id: Uuid('The export.'),
    project_id: Uuid('Its project.'),
    owner: Type.String({ description: 'Who submitted it.' }),
    repository: RepositoryLabel,
    collections: Type.Array(CollectionPick),
    dataset_type: Type.String(),
    subject_set: Type.String(),
    metadata_columns: Type.Array(Type.String()),
    frame_dimension: Nullable(Type.String()),
    state: OneOf(exportStates, "Where it stands; see the manual's diagram."),
    phase: OneOf(PHASES, 'The same as an IVOA UWS phase.'),
    waits_for: Nullable(OneOf(ACTORS, 'Who is to act next; null at the end.')),
    means: Type.String({ description: 'The state in words, after "This export …".' }),
    reason: Nullable(Reason),
    actions: Type.Array(OneOf(ACTIONS, 'What the caller may do now.')),
    counts: Strict(
      {
        total: Type.Integer(),
        listed: Type.Integer(),
        checked: Type.Integer(),
        held: Type.Integer(),
        refused: Type.Integer(),
        published: Type.Integer(),
        withdrawn: Type.Integer(),
        missing: Type.Integer()
      },
      { description: 'Items by fate.' }
    ),
    reasons: Type.Array(
      Strict({ type: Type.String(), msg: Type.String(), count: Type.Integer() }),
      {
        description: 'Items refused or missing, by reason.'
      }
    ),
    notes: Type.Array(Reason, { description: 'What the PI should know and nothing stopped for.' }),
    manifest_url: Nullable(
      Type.String({ description: 'The public Zooniverse manifest (CSV), once published.' })
    ),
    created: Time('When it was submitted.'),
    updated: Time('When it last moved.')
  },
  {
    title: 'Export',
    description: 'One submission: a set of datasets on their way to a public URL.'
  }
);
export type Export = Static<typeof Export>;

export const ExportQuery = Strict({
  ...PageQuery,
  project_id: Type.Optional(Uuid('Only the exports of this project.')),
  state: Type.Optional(OneOf(exportStates, 'Only exports in this state.'))
});
export const ExportList = Strict(
  { exports: Type.Array(Export), next_cursor: NextCursor },
  { title: 'ExportList' }
);

export const Item = Strict(
  {
    number: Type.Integer({ description: 'Its place in the export, from 1.' }),
    dataset_id: Uuid('The Butler dataset.'),
    run: Type.String(),
    data_id: Type.Record(Type.String(), Type.Union([Type.Integer(), Type.String()])),
    state: OneOf(itemStates, 'What became of it.'),
    reason: Nullable(Reason),
    media_type: Nullable(Type.String()),
    width: Nullable(Type.Integer({ description: 'Pixels.' })),
    height: Nullable(Type.Integer({ description: 'Pixels.' })),
    source_size: Nullable(Type.Integer({ description: 'Bytes in the Butler.' })),
    source_sha256: Nullable(Type.String()),
    published_size: Nullable(Type.Integer({ description: 'Bytes as published, after cleaning.' })),
    published_sha256: Nullable(Type.String()),
    url: Nullable(Type.String({ description: 'Where it is public.' }))
  },
  { title: 'Item', description: 'One dataset of an export and its fate.' }
);
export type Item = Static<typeof Item>;

export const ItemQuery = Strict({
  ...PageQuery,
  state: Type.Optional(OneOf(itemStates, 'Only items in this state.'))
});
export const ItemList = Strict(
  { items: Type.Array(Item), next_cursor: NextCursor },
  { title: 'ItemList' }
);

export const ExportParams = Strict({ export_id: Uuid('The export.') });

export const SubmitHeaders = Type.Object({
  'idempotency-key': Type.String({
    minLength: 8,
    maxLength: 128,
    pattern: '^[A-Za-z0-9_.:-]+$',
    description:
      "A key of the client's choice for this submission: sent again, it gives the same export, not another."
  })
});
