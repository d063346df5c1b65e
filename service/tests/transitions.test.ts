import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Database } from '../src/database/database.ts';
import { insertExport, move } from '../src/exports/store.ts';
import {
  allowedTransitions,
  EXPORT_STATES,
  exportStates,
  isAllowed,
  isPassing,
  TRANSITIONS,
  transitionNames,
  type Actor,
  type ExportState,
  type TransitionName
} from '../src/exports/transitions.ts';
import { newSecret } from '../src/public/urls.ts';
import { migratedDatabase, type TestDatabase } from './support/database.ts';

const SEED = 20261122;
const ACTORS = ['pi', 'staff', 'system'] as const satisfies Actor[];
const terminal = exportStates.filter(state => EXPORT_STATES[state].owner === null);

describe('the table of transitions', () => {
  test('leads from the submission to every state', () => {
    const reached = new Set<ExportState>(['SUBMITTED']);
    for (const state of reached) {
      for (const actor of ACTORS) {
        allowedTransitions(state, actor).forEach(name => reached.add(TRANSITIONS[name].to));
      }
    }
    expect([...reached].toSorted()).toEqual(exportStates.toSorted());
  });

  test('ends in the states that wait for nobody, and in no other', () => {
    const withoutWay = exportStates.filter(state =>
      ACTORS.every(actor => allowedTransitions(state, actor).length === 0)
    );
    expect(withoutWay).toEqual(terminal);
  });

  test.each(exportStates.filter(state => !terminal.includes(state)))(
    'lets the one owner of %s act',
    state => {
      const { owner } = EXPORT_STATES[state];
      expect(ACTORS).toContain(owner);
      expect(allowedTransitions(state, owner ?? 'pi')).not.toEqual([]);
    }
  );

  test('lets the system end every state in which only it can act', () => {
    for (const state of exportStates.filter(isPassing)) {
      expect([state, isAllowed(state, 'fail', 'system')]).toEqual([state, true]);
    }
  });

  test('never leads from a state to itself', () => {
    for (const name of transitionNames) {
      expect(TRANSITIONS[name].from).not.toContain(TRANSITIONS[name].to);
    }
  });

  test('never leads to publication past an approval', () => {
    // Whatever is done by whomever: between collecting and publishing lies `pass` or `approve`.
    const reached = new Set<ExportState>(['SUBMITTED']);
    for (const state of reached) {
      transitionNames
        .filter(name => name !== 'pass' && name !== 'approve')
        .filter(name => ACTORS.some(actor => isAllowed(state, name, actor)))
        .forEach(name => reached.add(TRANSITIONS[name].to));
    }
    expect(reached).not.toContain('PUBLISHING');
    expect(reached).not.toContain('PUBLISHED');
  });
});

describe('an export in the database', () => {
  let database: TestDatabase;
  let db: Database;
  let project: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    db = connect(database.serviceUrl, () => {});
    project = randomUUID();
    await db
      .insertInto('projects')
      .values({
        id: project,
        name: 'Model',
        owner: 'alien',
        zooniverse_project: null,
        contact: null,
        status: 'pending',
        object_limit: 1
      })
      .execute();
  });

  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  async function submitted(): Promise<string> {
    const id = randomUUID();
    await insertExport(
      db,
      {
        id,
        project_id: project,
        owner: 'alien',
        repository: 'test',
        dataset_type: 'zooniverse_cutout',
        subject_set: 'a set',
        metadata_columns: [],
        frame_dimension: null,
        state: 'SUBMITTED',
        reason_type: null,
        reason_msg: null,
        idempotency_key: id,
        request_digest: '',
        quarantine_prefix: newSecret(),
        public_prefix: newSecret(),
        naming_key: newSecret(),
        manifest_sha256: null
      },
      [{ name: 'u/alien/x', kind: 'run' }]
    );
    return id;
  }

  async function attempt(id: string, name: TransitionName, actorKind: Actor): Promise<string> {
    try {
      const row = await db
        .transaction()
        .execute(trx => move(trx, id, name, { actor: `a ${actorKind}`, actorKind }));
      return row ? 'moved' : 'refused';
    } catch (error) {
      return error instanceof Error ? error.message : 'no error';
    }
  }

  async function seen(id: string): Promise<{ state?: string; trail: string[] }> {
    const rows = await database.query<{ state: string; action: string; actor_kind: string }>(
      `SELECT state, action, actor_kind FROM exports LEFT JOIN audit_events ON export_id = exports.id
       WHERE exports.id = $1 ORDER BY audit_events.id`,
      [id]
    );
    const trail = rows.flatMap(row => (row.action ? [`${row.actor_kind} ${row.action}`] : []));
    return { ...(rows[0] && { state: rows[0].state }), trail };
  }

  test(`is where the table says after any steps by anybody, with one event for each (seed ${SEED})`, async () => {
    const taken = new Set<TransitionName>();
    const step = fc.record({
      // Most steps are such as the table allows, and lead on, so that walks go deep.
      kind: fc.constantFrom('onward', 'onward', 'allowed', 'any'),
      choice: fc.nat(1000),
      name: fc.constantFrom(...transitionNames),
      actor: fc.constantFrom(...ACTORS)
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 24, size: 'max' }),
        async steps => {
          const id = await submitted();
          let state: ExportState = 'SUBMITTED';
          const trail: string[] = [];
          for (const { kind, choice, ...arbitrary } of steps) {
            const allowed = ACTORS.flatMap(actor =>
              allowedTransitions(state, actor).map(name => ({ name, actor }))
            );
            const onward = allowed.filter(({ name }) => !terminal.includes(TRANSITIONS[name].to));
            const candidates = { onward, allowed, any: [] }[kind];
            const { name, actor } = candidates[choice % candidates.length] ?? arbitrary;
            const {
              from,
              to,
              by
            }: { from: readonly ExportState[]; to: ExportState; by: readonly Actor[] } =
              TRANSITIONS[name];
            const answer = await attempt(id, name, actor);
            if (!by.includes(actor)) {
              expect(answer).toBe(`${actor} may never ${name} an export`);
            } else if (!from.includes(state)) {
              expect(answer).toBe('refused');
            } else {
              expect(answer).toBe('moved');
              state = to;
              trail.push(`${actor} ${name}`);
              taken.add(name);
            }
            expect(await seen(id)).toEqual({ state, trail });
          }
        }
      ),
      { seed: SEED, numRuns: 60 }
    );
    expect([...taken].toSorted()).toEqual(transitionNames.toSorted());
  });

  test('is moved once by twenty who try at the same moment', async () => {
    const id = await submitted();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 ? attempt(id, 'collect', 'system') : attempt(id, 'fail', 'system')
      )
    );
    const { state, trail } = await seen(id);
    // Either it failed at once, or it was collected and failed then.
    expect(state).toBe('FAILED');
    expect(answers.filter(answer => answer === 'moved')).toHaveLength(trail.length);
    expect(trail.filter(event => event === 'system fail')).toHaveLength(1);
  });

  test('that is not there is moved by nobody and leaves no event', async () => {
    const id = randomUUID();
    expect(await attempt(id, 'cancel', 'pi')).toBe('refused');
    expect(await database.query('SELECT FROM audit_events WHERE export_id = $1', [id])).toEqual([]);
  });
});
