/**
 * Checks of what came over a wire. A check takes anything and returns it typed, or throws; so no answer is
 * ever cast. Properties that a check does not name are dropped: a newer server may send more.
 */

/** Returns `value` as a `T`, or throws a {@link ShapeError} that names `path`. */
export type Check<T> = (value: unknown, path: string) => T;

/** An answer that does not have the shape that it should have. */
export class ShapeError extends Error {
  constructor(path: string, expected: string) {
    super(`${path} is not ${expected}`);
    this.name = 'ShapeError';
  }
}

export const text: Check<string> = (value, path) => {
  if (typeof value !== 'string') {
    throw new ShapeError(path, 'a string');
  }
  return value;
};

export const whole: Check<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new ShapeError(path, 'a whole number');
  }
  return value;
};

export const flag: Check<boolean> = (value, path) => {
  if (typeof value !== 'boolean') {
    throw new ShapeError(path, 'true or false');
  }
  return value;
};

export const textOrWhole: Check<string | number> = (value, path) =>
  typeof value === 'string' ? value : whole(value, path);

export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, path) =>
    value === null ? null : check(value, path);

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, path) =>
    value === undefined ? undefined : check(value, path);

export const listOf =
  <T>(check: Check<T>): Check<T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) {
      throw new ShapeError(path, 'a list');
    }
    return value.map((entry: unknown, index) => check(entry, `${path}[${index}]`));
  };

export const mapOf =
  <T>(check: Check<T>): Check<Record<string, T>> =>
  (value, path) =>
    Object.fromEntries(
      Object.entries(plainObject(value, path)).map(([key, entry]) => [
        key,
        check(entry, `${path}.${key}`)
      ])
    );

/**
 * One word of a closed set. The set is a table, so that the compiler sees to it that no word of the type is
 * missing from it and none is in it that the type does not know.
 */
export const wordOf =
  <W extends string>(words: Readonly<Record<W, true>>): Check<W> =>
  (value, path) => {
    const found = (Object.keys(words) as W[]).find(word => word === value); // keys() loses the words' type
    if (found === undefined) {
      throw new ShapeError(path, `one of ${Object.keys(words).join(', ')}`);
    }
    return found;
  };

type Checked<F> = { [K in keyof F]: F[K] extends Check<infer T> ? T : never };

/** An object with at least these properties. */
export const object =
  <F extends Record<string, Check<unknown>>>(fields: F): Check<Checked<F>> =>
  (value, path) => {
    const source = plainObject(value, path);
    const checked = Object.entries(fields).map(([key, check]) => [
      key,
      check(source[key], `${path}.${key}`)
    ]);
    // Each property was checked by its own check just above; fromEntries() cannot say so in types.
    return Object.fromEntries(checked) as Checked<F>;
  };

/**
 * `JSON.parse`, except that whole numbers that a double cannot hold come as their digits, where the browser
 * tells them (data IDs may exceed 2^53).
 *
 * @throws SyntaxError, where it is not JSON.
 */
export function parseJson(source: string): unknown {
  const keepDigits = (_key: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context?.source ?? value)
      : value;
  return JSON.parse(source, keepDigits);
}

function plainObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(path, 'an object');
  }
  return { ...value };
}
