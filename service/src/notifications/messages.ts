/** The words of each message. What a PI wrote is text in it, whatever it looks like. */
import type { ExportRow } from '../exports/store.ts';
import { MANIFEST_NAME, publicUrl } from '../public/urls.ts';
import type { NotificationEvent, NotificationRow } from './outbox.ts';

export interface Message {
  /** One line. */
  readonly summary: string;
  /** Paragraphs, an empty line between two. */
  readonly body: string;
}

/** How a message is written for its reader. */
export interface Form {
  /** Of what somebody else wrote, what shows it as it is. */
  readonly text: (text: string) => string;
  readonly link: (url: string) => string;
}

/** One line; no character of it means anything (CommonMark, 2.4). */
export const MARKDOWN: Form = {
  text: text => oneLine(text).replace(/[!-/:-@[-`{-~]/g, '\\$&'),
  link: url => `<${url}>`
};
export const PLAIN: Form = { text: oneLine, link: url => url };

type Words = (parts: {
  readonly name: string;
  readonly detail: string;
  readonly manifest: string;
}) => Message;

const WORDS: { readonly [Event in NotificationEvent]: Words } = {
  held: ({ name }) => ({
    summary: `EPO looks at your export ${name} before it is published`,
    body: 'All files are retrieved and checked. EPO’s staff decide under the data-rights policy; you will be told. There is nothing for you to do, and nothing is public yet.'
  }),
  rejected: ({ name, detail }) => ({
    summary: `EPO has rejected your export ${name}`,
    body: `${detail}\n\nNothing of it is public. What was retrieved is deleted; your own files are as they were.`
  }),
  failed: ({ name, detail }) => ({
    summary: `Your export ${name} stopped`,
    body: `${detail}\n\nIn the panel you can retry or cancel it. Your own files are as they were.`
  }),
  published: ({ name, detail, manifest }) => ({
    summary: `Your export ${name} is public`,
    body: `${detail}\n\nIts manifest for the Zooniverse: ${manifest}`
  }),
  removable: ({ name }) => ({
    summary: `Your files of ${name} have been retrieved and verified, and can be removed`,
    body: 'Every published file was read back from its public address and compared. What is public is a cleaned derivative: keep your own files if you need them as they are. Items that were refused or missing are not public; the panel lists them.'
  })
};

/** @param origin - of the public server */
export function messageOf(
  { event, detail }: Pick<NotificationRow, 'event' | 'detail'>,
  { subject_set, public_prefix }: Pick<ExportRow, 'subject_set' | 'public_prefix'>,
  origin: string,
  { text, link }: Form
): Message {
  return WORDS[event]({
    name: `“${text(subject_set)}”`,
    detail: text(detail ?? ''),
    manifest: link(publicUrl(origin, public_prefix, MANIFEST_NAME))
  });
}

/** By what a message is found again at Semaphore, which has no other key: its last line. */
export function markOf({ export_id, event, attempt }: NotificationRow): string {
  return `Export ${export_id}, ${event}, try ${attempt}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
