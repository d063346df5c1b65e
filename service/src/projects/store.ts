import type { Connection } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import type { Insertable, Selectable } from 'kysely';

export type ProjectRow = Selectable<Tables['projects']> & { members: string[] };

export async function insertProject(
  db: Connection,
  project: Insertable<Tables['projects']>,
  members: readonly string[]
): Promise<void> {
  await db.insertInto('projects').values(project).execute();
  if (members.length > 0) {
    await db
      .insertInto('project_members')
      .values(members.map(username => ({ project_id: project.id, username })))
      .execute();
  }
}

/** The projects that `username` owns or is a member of, oldest first. */
export async function projectsOf(
  db: Connection,
  username: string,
  id?: string
): Promise<ProjectRow[]> {
  let query = db
    .selectFrom('projects')
    .selectAll()
    .where(where =>
      where.or([
        where('owner', '=', username),
        where(
          'id',
          'in',
          where.selectFrom('project_members').select('project_id').where('username', '=', username)
        )
      ])
    )
    .orderBy('created')
    .orderBy('id');
  if (id !== undefined) {
    query = query.where('id', '=', id);
  }
  const projects = await query.execute();
  if (projects.length === 0) {
    return [];
  }
  const members = await db
    .selectFrom('project_members')
    .selectAll()
    .where(
      'project_id',
      'in',
      projects.map(project => project.id)
    )
    .orderBy('username')
    .execute();
  return projects.map(project => ({
    ...project,
    members: members
      .filter(member => member.project_id === project.id)
      .map(member => member.username)
  }));
}

/** Every collection that an export of the project named, with how often and when last. */
export async function collectionsOf(db: Connection, projectId: string) {
  return db
    .selectFrom('exports')
    .innerJoin('export_collections', 'export_collections.export_id', 'exports.id')
    .where('exports.project_id', '=', projectId)
    .groupBy(['exports.repository', 'export_collections.name', 'export_collections.kind'])
    .select(({ fn }) => [
      'exports.repository as repository',
      'export_collections.name as name',
      'export_collections.kind as kind',
      fn.countAll<number>().as('exports'),
      fn.max('exports.created').as('last_exported')
    ])
    .orderBy('exports.repository')
    .orderBy('export_collections.name')
    .execute();
}
