import { setTimeout as sleep } from 'node:timers/promises';

/** Far longer than anything takes; only a hang reaches it. */
const LIMIT_MS = 240_000;

/**
 * Waits until `look` gives something.
 *
 * @param look - asked again and again; `undefined` and `false` mean not yet, an error is a failure
 * @throws Error that says what was waited for, and what `last` saw
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  {
    every = 50,
    limit = LIMIT_MS,
    last = () => ''
  }: { every?: number; limit?: number; last?: () => string } = {}
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) {
      return seen;
    }
    if (Date.now() > end) {
      throw new Error(`Waited in vain until ${what}. ${last()}`);
    }
    await sleep(every);
  }
}
