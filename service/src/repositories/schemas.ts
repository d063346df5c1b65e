import { Type } from 'typebox';
import { RepositoryLabel, Strict } from '../http/schemas.ts';

export const Repository = Strict(
  {
    label: RepositoryLabel,
    uri: Type.String({
      description: 'Where it is, so that a lab can tell that it sees the same one.'
    })
  },
  {
    title: 'Repository',
    description: 'A Butler repository from which the operator lets the service export.'
  }
);

export const RepositoryList = Strict({ repositories: Type.Array(Repository) });
