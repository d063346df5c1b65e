/** The columns that a PI chose to make public, taken from an item's `zooniverse_metadata` and data ID. */
import type { DataId } from '../bridge/messages.ts';
import type { MetadataValue } from '../database/tables.ts';

const MAX_LENGTH = 1000;
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/**
 * @param text - the JSON file, or `undefined` where the item has none
 * @returns the chosen columns alone, or `undefined` where one of them cannot be published
 */
export function chosenMetadata(
  columns: readonly string[],
  text: string | undefined,
  dataId: DataId
): Record<string, MetadataValue> | undefined {
  let content: unknown;
  try {
    content = text === undefined ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    return undefined;
  }
  const values = new Map<string, unknown>(Object.entries(content));
  const chosen: [string, MetadataValue][] = [];
  for (const column of columns) {
    const fromDataId = Object.hasOwn(dataId, column) ? dataId[column] : null;
    const value = values.has(column) ? values.get(column) : fromDataId;
    if (!isPublishable(value)) {
      return undefined;
    }
    chosen.push([column, value]);
  }
  return Object.fromEntries(chosen);
}

function isPublishable(value: unknown): value is MetadataValue {
  switch (typeof value) {
    case 'string':
      // Half a character (a lone surrogate, "\ud800" in JSON) is in no file of UTF-8, and PostgreSQL refuses it.
      return value.length <= MAX_LENGTH && value.isWellFormed() && !CONTROL.test(value);
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return true;
    default:
      return value === null;
  }
}
