/**
 * Empties the outbox into Semaphore, which knows no idempotency key: one sender at a time, and a message that may have
 * been sent before is looked for there first. So each arrives once, whoever dies in between.
 */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { exportById } from '../exports/store.ts';
import { failpoint } from '../pipeline/failpoint.ts';
import { MARKDOWN, markOf, messageOf } from './messages.ts';
import { markSent, takeDue, type NotificationRow } from './outbox.ts';
import { SemaphoreError, type SemaphoreClient } from './semaphore-client.ts';

const LOOK_EVERY_MS = 2_000;
/** The sender's, among PostgreSQL's advisory locks: any number that nobody else takes. */
const LOCK = 7_366_201;
/** Semaphore's clock may be another, and it cuts its times to seconds. */
const LOOK_BACK_MS = 24 * 3600_000;

interface SenderParts {
  readonly db: Database;
  readonly semaphore: SemaphoreClient;
  readonly publicUrl: string;
  readonly retrySeconds: number;
  readonly logger: Logger;
}

export class Sender {
  readonly #parts: SenderParts;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#underWay = this.#empty()
        .catch((error: unknown) =>
          this.#parts.logger.warn({ err: error }, 'notifications could not be sent')
        )
        .then(() => {
          if (!this.#isStopped) {
            this.start();
          }
        });
    }, LOOK_EVERY_MS);
  }

  /** Ends after the message in hand. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  /** Sends what is due, unless another process does. The lock is the connection's, and ends with it. */
  async #empty(): Promise<void> {
    await this.#parts.db.connection().execute(async held => {
      const { rows } = await sql<{
        mine: boolean;
      }>`SELECT pg_try_advisory_lock(${LOCK}::int) AS mine`.execute(held);
      if (!rows[0]?.mine) {
        return;
      }
      try {
        while (!this.#isStopped && (await this.#sendNext())) {
          // the next one
        }
      } finally {
        await sql`SELECT pg_advisory_unlock(${LOCK}::int)`.execute(held);
      }
    });
  }

  /** @returns whether there was one */
  async #sendNext(): Promise<boolean> {
    const { db, retrySeconds, logger } = this.#parts;
    const row = await takeDue(db, retrySeconds);
    if (!row) {
      return false;
    }
    const about = { export_id: row.export_id, notification: row.event, tries: row.tries };
    try {
      const id = (row.tries > 0 ? await this.#find(row) : undefined) ?? (await this.#send(row));
      await markSent(db, row.id, id);
      logger.info(about, 'a notification is sent');
    } catch (error) {
      if (!(error instanceof SemaphoreError)) {
        throw error;
      }
      logger.warn({ err: error, ...about }, 'Semaphore did not take a notification');
    }
    return true;
  }

  async #find(row: NotificationRow): Promise<string | undefined> {
    const since = new Date(row.created.getTime() - LOOK_BACK_MS);
    const sent = await this.#parts.semaphore.list(row.recipient, since);
    return sent.find(({ body }) => body?.endsWith(`\n${markOf(row)}`))?.id;
  }

  async #send(row: NotificationRow): Promise<string> {
    const { db, semaphore, publicUrl } = this.#parts;
    const exported = await exportById(db, row.export_id);
    if (!exported) {
      throw new Error('a notification is of an export');
    }
    const { summary, body } = messageOf(row, exported, publicUrl, MARKDOWN);
    const id = await semaphore.send(row.recipient, { summary, body: `${body}\n\n${markOf(row)}` });
    failpoint('notify.sent');
    return id;
  }
}
