import type { Api } from '../http/routes.ts';
import { commonErrors } from '../http/schemas.ts';
import { NotificationList, NotificationQuery } from './schemas.ts';
import type { NotificationService } from './service.ts';

export function notificationRoutes(api: Api, notifications: NotificationService): void {
  api.get(
    '/notifications',
    {
      schema: {
        operationId: 'listNotifications',
        summary: 'What you were told of your exports, newest first',
        tags: ['pi'],
        querystring: NotificationQuery,
        response: { 200: NotificationList, ...commonErrors }
      }
    },
    async request => notifications.list(request.identity, request.query)
  );
}
