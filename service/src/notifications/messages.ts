/** The words of each message, in Markdown. What a PI wrote is text in it, whatever it looks like. */
import type { ExportRow } from '../exports/store.ts';
import { MANIFEST_NAME, publicUrl } from '../public/urls.ts';
import type { NotificationEvent, NotificationRow } from './outbox.ts';

export interface Message {
  /** One line; inline Markdown. */
  readonly summary: string;
  readonly body: string;
}

type Words = (name: string, exported: ExportRow, reason: string, origin: string) => Message;

const WORDS: { readonly [Event in NotificationEvent]: Words } = {
  held: name => ({
    summary: `EPO looks at your export ${name} before it is published`,
    body: 'All files are retrieved and checked. EPO’s staff decide under the data-rights policy; you will be told. There is nothing for you to do, and nothing is public yet.'
  }),
  rejected: (name, _exported, reason) => ({
    summary: `EPO has rejected your export ${name}`,
    body: `${reason}\n\nNothing of it is public. What was retrieved is deleted; your own files are as they were.`
  }),
  failed: (name, _exported, reason) => ({
    summary: `Your export ${name} stopped`,
    body: `${reason}\n\nIn the panel you can retry or cancel it. Your own files are as they were.`
  }),
  published: (name, exported, _reason, origin) => ({
    summary: `Your export ${name} is public`,
    body: `Its manifest for the Zooniverse: <${publicUrl(origin, exported.public_prefix, MANIFEST_NAME)}>\n\nThe panel lists what became of each item.`
  }),
  removable: name => ({
    summary: `Your files of ${name} have been retrieved and verified, and can be removed`,
    body: 'Every published file was read back from its public address and compared. What is public is a cleaned derivative: keep your own files if you need them as they are. Items that were refused or missing are not public; the panel lists them.'
  })
};

/** @param origin - of the public server */
export function messageOf(row: NotificationRow, exported: ExportRow, origin: string): Message {
  const name = `“${asText(exported.subject_set)}”`;
  const { summary, body } = WORDS[row.event](name, exported, asText(row.reason ?? ''), origin);
  return { summary, body: `${body}\n\n${markOf(row)}` };
}

/** By what a message is found again at Semaphore, which has no other key: its last line. */
export function markOf({ export_id, event, attempt }: NotificationRow): string {
  return `Export ${export_id}, ${event}, try ${attempt}`;
}

/** Of text, Markdown that shows it: one line, and no character of it means anything (CommonMark, 2.4). */
function asText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
