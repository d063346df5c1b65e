/** Projects: who works together, and what EPO lets them export. */
import { randomUUID } from 'node:crypto';
import { record } from '../audit/audit.ts';
import { breaksUnique, type Database } from '../database/database.ts';
import { ClientError } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { Project, ProjectCreate } from './schemas.ts';
import { collectionsOf, insertProject, projectsOf, type ProjectRow } from './store.ts';

export class ProjectService {
  readonly #db: Database;
  readonly #objectLimit: number;

  constructor(db: Database, objectLimit: number) {
    this.#db = db;
    this.#objectLimit = objectLimit;
  }

  async list(identity: Identity): Promise<Project[]> {
    return (await projectsOf(this.#db, identity.username)).map(toProject);
  }

  /** @throws ClientError `invalid` where the caller has a project of that name */
  async create(identity: Identity, body: ProjectCreate): Promise<Project> {
    const id = randomUUID();
    const members = (body.members ?? []).filter(name => name !== identity.username);
    try {
      await this.#db.transaction().execute(async trx => {
        await insertProject(
          trx,
          {
            id,
            name: body.name,
            owner: identity.username,
            zooniverse_project: body.zooniverse_project ?? null,
            contact: body.contact ?? null,
            status: 'pending',
            object_limit: this.#objectLimit
          },
          members
        );
        await record(trx, {
          actor: identity.username,
          actorKind: 'pi',
          action: 'create_project',
          subject: id
        });
      });
    } catch (error) {
      if (breaksUnique(error, 'projects_owner_name_key')) {
        throw new ClientError(
          'invalid',
          `You have a project called “${body.name}” already. Choose it, or another name.`,
          ['body', 'name']
        );
      }
      throw error;
    }
    return this.get(identity, id);
  }

  /** @throws ClientError `not_found` for what does not exist and for what is not the caller's: one answer for both */
  async get(identity: Identity, id: string): Promise<Project> {
    const [project] = await projectsOf(this.#db, identity.username, id);
    if (!project) {
      throw new ClientError('not_found', 'You are not on a project with this id.');
    }
    return toProject(project);
  }

  async collections(identity: Identity, id: string) {
    await this.get(identity, id);
    const rows = await collectionsOf(this.#db, id);
    return rows.map(row => ({ ...row, last_exported: row.last_exported.toISOString() }));
  }
}

function toProject(row: ProjectRow): Project {
  return { ...row, created: row.created.toISOString() };
}
