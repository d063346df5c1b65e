/**
 * Names in public. They say nothing: an export's prefix is 128 random bits, an item's name is keyed to it, so that
 * neither can be guessed, nor the bytes behind them (two items may be equal, and each is withdrawn on its own).
 */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';

export const MANIFEST_NAME = 'manifest.csv';

/** What a public path can look like, and nothing else is looked up. */
export const PUBLIC_PATH =
  /^\/(?<prefix>[0-9a-f]{32})\/(?<name>[0-9a-f]{32}\.(?:png|jpg)|manifest\.csv)$/;

/** 128 random bits, hexadecimal. */
export function newSecret(): string {
  return randomBytes(16).toString('hex');
}

/**
 * Gives the names under which an export's items are public, the same at each try.
 *
 * @param namingKey - the export's own secret
 */
export function keyedNames(namingKey: string): KeyedNames {
  // Made once for all items: with the bare bytes each HMAC would take six times as long.
  const key = createSecretKey(namingKey, 'hex');
  return (kind, id) => createHmac('sha256', key).update(`${kind}:${id}`).digest('hex').slice(0, 32);
}

/**
 * @param kind - what is named, so that a subject and its first frame have different names
 * @param id - the dataset's UUID, or the subject's data ID
 */
export type KeyedNames = (kind: 'item' | 'subject', id: string) => string;

export function publicUrl(origin: string, prefix: string, name: string): string {
  return `${origin}/${prefix}/${name}`;
}
