/** Something that comes from elsewhere: not asked for yet, on its way, here, or failed. */
import type { Problem } from '../api/problem';

export type Loadable<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly problem: Problem };

export const IDLE = { status: 'idle' } as const;
export const LOADING = { status: 'loading' } as const;

export function ready<T>(value: T): Loadable<T> {
  return { status: 'ready', value };
}

export function failed(problem: Problem): Loadable<never> {
  return { status: 'failed', problem };
}

/** The value, or `null` where there is none. */
export function valueOf<T>(loadable: Loadable<T>): T | null {
  return loadable.status === 'ready' ? loadable.value : null;
}
