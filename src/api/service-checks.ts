/**
 * The shapes of the service's answers. Each check is typed by the contract's generated type, so that the
 * compiler finds what drifts: a property or a word that the contract gains or loses.
 */
import {
  flag,
  listOf,
  mapOf,
  nullable,
  object,
  text,
  textOrWhole,
  whole,
  wordOf,
  type Check
} from './json';
import type {
  CollectionPick,
  Export,
  ExportAction,
  ExportList,
  ExportState,
  Grant,
  Item,
  ItemList,
  ItemState,
  Me,
  Message,
  MessageEvent,
  PickKind,
  PreflightReport,
  Project,
  Reason
} from './types';

const kindCheck = wordOf<PickKind>({ run: true, chain: true, prefix: true });

const pickCheck: Check<CollectionPick> = object({ name: text, kind: kindCheck });

const reasonCheck: Check<Reason> = object({ type: text, msg: text });

export const meCheck: Check<Me> = object({
  username: text,
  groups: listOf(text),
  roles: listOf(wordOf<Me['roles'][number]>({ pi: true, reviewer: true, operator: true })),
  grantee: text
});

export const repositoriesCheck = object({
  repositories: listOf(object({ label: text, uri: text }))
});

export const projectCheck: Check<Project> = object({
  id: text,
  name: text,
  owner: text,
  members: listOf(text),
  zooniverse_project: nullable(text),
  contact: nullable(text),
  status: wordOf<Project['status']>({ pending: true, approved: true, blocked: true }),
  object_limit: whole,
  created: text
});

export const projectsCheck = object({ projects: listOf(projectCheck) });

export const grantCheck: Check<Grant> = object({
  id: text,
  owner: text,
  granted_by: text,
  grantee: text,
  repository: text,
  collection: text,
  kind: kindCheck,
  enforcement: wordOf<Grant['enforcement']>({ ledger: true, file_permissions: true }),
  state: wordOf<Grant['state']>({ live: true, expired: true, revoked: true }),
  created: text,
  expires: text,
  revoked: nullable(text)
});

export const grantsCheck = object({ grants: listOf(grantCheck) });

export const preflightCheck: Check<PreflightReport> = object({
  ok: flag,
  total: whole,
  collections: listOf(
    object({
      name: text,
      runs: listOf(object({ name: text, count: whole })),
      left_out: listOf(text)
    })
  ),
  problems: listOf(reasonCheck),
  warnings: listOf(reasonCheck)
});

export const stateCheck = wordOf<ExportState>({
  SUBMITTED: true,
  COLLECTING: true,
  HELD: true,
  RETURNED: true,
  APPROVED: true,
  PUBLISHING: true,
  PUBLISHED: true,
  FAILED: true,
  REJECTED: true,
  CANCELLED: true,
  WITHDRAWN: true,
  EXPIRED: true
});

const phaseCheck = wordOf<Export['phase']>({
  QUEUED: true,
  EXECUTING: true,
  HELD: true,
  COMPLETED: true,
  ERROR: true,
  ABORTED: true,
  ARCHIVED: true
});

export const exportCheck: Check<Export> = object({
  id: text,
  project_id: text,
  owner: text,
  repository: text,
  collections: listOf(pickCheck),
  dataset_type: text,
  subject_set: text,
  metadata_columns: listOf(text),
  frame_dimension: nullable(text),
  state: stateCheck,
  phase: phaseCheck,
  waits_for: nullable(
    wordOf<NonNullable<Export['waits_for']>>({ pi: true, staff: true, system: true })
  ),
  means: text,
  reason: nullable(reasonCheck),
  actions: listOf(wordOf<ExportAction>({ cancel: true, retry: true, withdraw: true })),
  counts: object({
    total: whole,
    listed: whole,
    checked: whole,
    held: whole,
    refused: whole,
    published: whole,
    withdrawn: whole,
    missing: whole
  }),
  reasons: listOf(object({ type: text, msg: text, count: whole })),
  notes: listOf(reasonCheck),
  manifest_url: nullable(text),
  created: text,
  updated: text
});

export const exportsCheck: Check<ExportList> = object({
  exports: listOf(exportCheck),
  next_cursor: nullable(text)
});

const messageCheck: Check<Message> = object({
  id: whole,
  export_id: text,
  event: wordOf<MessageEvent>({
    held: true,
    rejected: true,
    failed: true,
    published: true,
    removable: true
  }),
  summary: text,
  text,
  created: text
});

export const messagesCheck = object({ notifications: listOf(messageCheck) });

const itemCheck: Check<Item> = object({
  number: whole,
  dataset_id: text,
  run: text,
  data_id: mapOf(textOrWhole),
  state: wordOf<ItemState>({
    LISTED: true,
    CHECKED: true,
    HELD: true,
    REFUSED: true,
    PUBLISHED: true,
    WITHDRAWN: true,
    MISSING: true
  }),
  reason: nullable(reasonCheck),
  media_type: nullable(text),
  width: nullable(whole),
  height: nullable(whole),
  source_size: nullable(whole),
  source_sha256: nullable(text),
  published_size: nullable(whole),
  published_sha256: nullable(text),
  url: nullable(text)
});

export const itemsCheck: Check<ItemList> = object({
  items: listOf(itemCheck),
  next_cursor: nullable(text)
});
