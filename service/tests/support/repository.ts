import { Type, type Static } from 'typebox';
import Value from 'typebox/value';

const Fates = Type.Record(Type.String(), Type.String());

/** What `make_repository.py` says of the repository that it made. */
const TestRepository = Type.Object({
  uri: Type.String(),
  /** Dataset id → `PUBLISHED`, or the reason for which it must be refused. */
  mixed: Fates,
  bad_metadata: Fates,
  /** What is wrong with it → the dataset and what must become of it. */
  hostile: Type.Record(Type.String(), Type.Object({ id: Type.String(), fate: Type.String() })),
  /** Run → its zip. */
  zipped: Fates
});
export type TestRepository = Static<typeof TestRepository>;

export function readTestRepository(text: string): TestRepository {
  return Value.Parse(TestRepository, JSON.parse(text));
}
