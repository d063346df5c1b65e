/** The one place that decides whether a collected export may go on by itself or waits for a person. */
import type { ExportRow } from '../exports/store.ts';
import type { IdentitySettings } from '../identity/settings.ts';

export interface Policy {
  decide(exported: ExportRow): Promise<{ readonly verdict: 'pass' | 'hold'; readonly why: string }>;
}

/** In `local` identity, on one machine, what passes every check is approved; the data-rights policy comes in its place. */
export const localPolicy: Policy = {
  decide: async () => ({
    verdict: 'pass',
    why: 'local identity: what passes every check is approved'
  })
};

/** On the platform, until there is a data-rights policy: a person of EPO's decides on every export. */
export const holdPolicy: Policy = {
  decide: async () => ({
    verdict: 'hold',
    why: 'gafaelfawr identity: EPO staff decide on every export'
  })
};

export function policyOf(mode: IdentitySettings['mode']): Policy {
  switch (mode) {
    case 'local':
      return localPolicy;
    case 'gafaelfawr':
      return holdPolicy;
  }
}
