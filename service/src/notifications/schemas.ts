import { Type, type Static } from 'typebox';
import { NextCursor, OneOf, PageQuery, Strict, Time, Uuid } from '../http/schemas.ts';
import { NOTIFICATION_EVENTS } from './outbox.ts';

export const Notification = Strict(
  {
    id: Type.Integer({ description: 'Larger for a later one.' }),
    export_id: Uuid('The export that it is about.'),
    event: OneOf(
      NOTIFICATION_EVENTS,
      'What happened; `removable`: every published file was read back and compared, so yours may go.'
    ),
    summary: Type.String({ description: 'One line.' }),
    text: Type.String({ description: 'The rest, as plain text.' }),
    created: Time('When it happened.')
  },
  {
    title: 'Notification',
    description: 'What you are told of an export, here and through Semaphore.'
  }
);
export type Notification = Static<typeof Notification>;

export const NotificationQuery = Strict(PageQuery);
export type NotificationQuery = Static<typeof NotificationQuery>;

export const NotificationList = Strict(
  { notifications: Type.Array(Notification), next_cursor: NextCursor },
  { title: 'NotificationList' }
);
export type NotificationList = Static<typeof NotificationList>;
