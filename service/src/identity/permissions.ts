/**
 * What is left to people. A grant gives away another's data, and a submission puts it before the public: somebody must
 * have meant it. Reading changes nothing, so bots may (mobu's checks, a dashboard). A route that is not listed is left to
 * people; a test compares the table with the contract.
 */
import { ClientError } from '../http/errors.ts';
import type { Identity } from './identity.ts';

export const MAY_CALL = {
  getMe: 'anyone',
  listRepositories: 'anyone',
  listProjects: 'anyone',
  createProject: 'people',
  getProject: 'anyone',
  listProjectCollections: 'anyone',
  listGrants: 'anyone',
  createGrant: 'people',
  revokeGrant: 'people',
  preflightExport: 'anyone',
  submitExport: 'people',
  listExports: 'anyone',
  getExport: 'anyone',
  listItems: 'anyone',
  downloadItems: 'anyone',
  downloadCrosswalk: 'anyone',
  cancelExport: 'people',
  retryExport: 'people',
  withdrawExport: 'people',
  listNotifications: 'anyone'
} as const satisfies Record<string, 'anyone' | 'people'>;

const FOR_ANYONE: ReadonlySet<string> = new Set(
  Object.entries(MAY_CALL).flatMap(([operation, who]) => (who === 'anyone' ? [operation] : []))
);

/** @throws ClientError `person_required` */
export function requireDecider(identity: Identity, operationId: string | undefined): void {
  if (!identity.mayDecide && !(operationId !== undefined && FOR_ANYONE.has(operationId))) {
    throw new ClientError(
      'person_required',
      `This must be done by a person, with a token of their own, and ${identity.username} calls as a bot or through another service. Nothing was done.`
    );
  }
}
