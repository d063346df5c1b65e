/** How far the removal of an export's files is. */
import type { RemovalOutcome, RemovalPlan } from '../api/lab-types';
import type { Problem } from '../api/problem';

export type Removal =
  | { readonly step: 'looking' }
  | { readonly step: 'asking'; readonly plan: RemovalPlan }
  | { readonly step: 'removing'; readonly plan: RemovalPlan }
  | { readonly step: 'done'; readonly outcome: RemovalOutcome }
  | { readonly step: 'failed'; readonly problem: Problem };
