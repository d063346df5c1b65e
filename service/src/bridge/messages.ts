/** What the bridge says, as `docs/bridge.md` has it. */
import { Type, type Static } from 'typebox';

const Problem = Type.Object({ type: Type.String(), msg: Type.String() });
const Id = Type.Union([Type.Integer(), Type.Null()]);

export const Header = Type.Union([
  Type.Object({ ready: Type.Object({ protocol: Type.Literal(1) }) }),
  Type.Object({ fatal: Problem }),
  Type.Object({ id: Id, error: Problem }),
  Type.Object({ id: Id, part: Type.Unknown() }),
  Type.Object({
    id: Id,
    result: Type.Unknown(),
    bytes: Type.Optional(Type.Integer({ minimum: 0 }))
  })
]);
export type Header = Static<typeof Header>;

export const DataId = Type.Record(Type.String(), Type.Union([Type.Integer(), Type.String()]));
/** Dimension name → value. */
export type DataId = Static<typeof DataId>;

const DatasetTypeCount = Type.Object({
  name: Type.String(),
  storage_class: Type.String(),
  count: Type.Integer()
});

export const Run = Type.Object({
  name: Type.String(),
  owner: Type.Union([
    Type.Object({
      kind: Type.Union([Type.Literal('user'), Type.Literal('group')]),
      name: Type.String()
    }),
    Type.Null()
  ]),
  dataset_types: Type.Array(DatasetTypeCount)
});
export type Run = Static<typeof Run>;

export const Resolved = Type.Object({ runs: Type.Array(Run) });

export const ListedItem = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
  data_id: DataId,
  kind: Type.Union([
    Type.Literal('file'),
    Type.Literal('zip_member'),
    Type.Literal('disassembled'),
    Type.Literal('missing')
  ]),
  uri: Type.Union([Type.String(), Type.Null()])
});
export type ListedItem = Static<typeof ListedItem>;

export const ListPart = Type.Object({ items: Type.Array(ListedItem) });
export const ListEnd = Type.Object({
  count: Type.Integer(),
  roots: Type.Array(Type.String()),
  run_directory: Type.Union([Type.String(), Type.Null()])
});
export const Retrieved = Type.Object({ media_type: Type.String(), name: Type.String() });
