/** What a PI was told, told again to whoever asks as that PI. */
import type { Database } from '../database/database.ts';
import { decodeNumberCursor, encodeNumberCursor } from '../http/cursors.ts';
import type { Identity } from '../identity/identity.ts';
import { PLAIN, messageOf } from './messages.ts';
import { notificationsPage } from './outbox.ts';
import type { NotificationList, NotificationQuery } from './schemas.ts';

export class NotificationService {
  readonly #db: Database;
  readonly #publicUrl: string;

  /** @param publicUrl - the public server's */
  constructor(db: Database, publicUrl: string) {
    this.#db = db;
    this.#publicUrl = publicUrl;
  }

  /** @throws ClientError `invalid` for a cursor that is not ours */
  async list(
    identity: Identity,
    { limit = 100, cursor }: NotificationQuery
  ): Promise<NotificationList> {
    const rows = await notificationsPage(this.#db, {
      recipient: identity.username,
      before: cursor === undefined ? undefined : decodeNumberCursor(cursor),
      limit: limit + 1
    });
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      notifications: page.map(row => {
        const { summary, body } = messageOf(row, row, this.#publicUrl, PLAIN);
        const { id, export_id, event, created } = row;
        return { id, export_id, event, summary, text: body, created: created.toISOString() };
      }),
      next_cursor: rows.length > limit && last ? encodeNumberCursor(last.id) : null
    };
  }
}
