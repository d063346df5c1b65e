/** What is known of tokens, for a while. A token itself is never kept: its digest is the key. */
import { createHash } from 'node:crypto';

/** What was found out about one token. Times are milliseconds since 1970. */
export type Finding<Known, Refusal> =
  | {
      readonly is: 'known';
      readonly value: Known;
      readonly asked: number;
      readonly until: number;
    }
  | { readonly is: 'refused'; readonly refusal: Refusal; readonly until: number };

interface Options<Known, Refusal> {
  /** Finds out. What it throws goes to all who wait, and is not remembered. */
  readonly ask: (token: string) => Promise<Finding<Known, Refusal>>;
  readonly now: () => number;
  /** Findings of each kind that are kept; above that the longest unused go. */
  readonly size: number;
}

/** Calls for one token at one time share one question. Refusals cannot drive out what is known: each has its own room. */
export class TokenCache<Known, Refusal> {
  readonly #options: Options<Known, Refusal>;
  readonly #rooms = {
    known: new Map<string, Finding<Known, Refusal>>(),
    refused: new Map<string, Finding<Known, Refusal>>()
  } as const;
  readonly #underWay = new Map<string, Promise<Finding<Known, Refusal>>>();

  constructor(options: Options<Known, Refusal>) {
    this.#options = options;
  }

  async get(token: string): Promise<Finding<Known, Refusal>> {
    const key = digest(token);
    const cached = this.#take(key);
    if (cached) {
      return cached;
    }
    const asking = this.#underWay.get(key) ?? this.#ask(key, token);
    return asking;
  }

  /** The next `get` asks anew. */
  forget(token: string): void {
    const key = digest(token);
    this.#rooms.known.delete(key);
    this.#rooms.refused.delete(key);
  }

  /** How many findings are kept. */
  get size(): number {
    return this.#rooms.known.size + this.#rooms.refused.size;
  }

  #take(key: string): Finding<Known, Refusal> | undefined {
    for (const room of Object.values(this.#rooms)) {
      const found = room.get(key);
      if (found && this.#options.now() < found.until) {
        // A Map keeps the order of insertion: what was used last stands last.
        room.delete(key);
        room.set(key, found);
        return found;
      }
      room.delete(key);
    }
    return undefined;
  }

  async #ask(key: string, token: string): Promise<Finding<Known, Refusal>> {
    const asking = this.#options
      .ask(token)
      .then(found => {
        this.#keep(key, found);
        return found;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asking);
    return asking;
  }

  #keep(key: string, found: Finding<Known, Refusal>): void {
    const room = this.#rooms[found.is];
    room.set(key, found);
    const oldest = room.keys().next();
    if (room.size > this.#options.size && !oldest.done) {
      room.delete(oldest.value);
    }
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
