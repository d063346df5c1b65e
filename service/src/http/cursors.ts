/** Page cursors: opaque to the caller, and checked when they come back. */
import { ClientError } from './errors.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function encodeExportCursor({ created, id }: { created: Date; id: string }): string {
  return Buffer.from(`${created.getTime()} ${id}`).toString('base64url');
}

/** @throws ClientError `invalid` */
export function decodeExportCursor(cursor: string): { created: Date; id: string } {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  if (!/^\d{1,15}$/.test(time) || !UUID.test(id)) {
    throw badCursor();
  }
  return { created: new Date(Number(time)), id };
}

export function encodeNumberCursor(number: number): string {
  return Buffer.from(String(number)).toString('base64url');
}

/** @throws ClientError `invalid` */
export function decodeNumberCursor(cursor: string): number {
  const number = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!/^\d{1,15}$/.test(number)) {
    throw badCursor();
  }
  return Number(number);
}

function badCursor(): ClientError {
  return new ClientError(
    'invalid',
    'This cursor is not one of ours. Leave it out for the first page.',
    ['querystring', 'cursor']
  );
}
