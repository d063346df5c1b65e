/**
 * The words of the contract, under short names. All of them come from `contract/openapi.json`; nothing here
 * is written twice. What the lab's own routes answer is in `lab-types.ts`.
 */
import type { components, operations } from './schema';

type Schemas = components['schemas'];

export type CollectionPick = Schemas['CollectionPick'];
export type PickKind = CollectionPick['kind'];
export type Export = Schemas['Export'];
export type ExportState = Export['state'];
export type ExportAction = Export['actions'][number];
export type ExportCreate = Schemas['ExportCreate'];
export type ExportList = Schemas['ExportList'];
export type Grant = Schemas['Grant'];
export type GrantCreate = Schemas['GrantCreate'];
export type Item = Schemas['Item'];
export type ItemList = Schemas['ItemList'];
export type Message = Schemas['Notification'];
export type MessageEvent = Message['event'];
export type ItemState = Item['state'];
export type Me = Schemas['Me'];
export type Preflight = Schemas['Preflight'];
export type PreflightReport = Schemas['PreflightReport'];
export type Project = Schemas['Project'];
export type ProjectCreate = Schemas['ProjectCreate'];
export type Reason = Schemas['Reason'];
export type ServiceRepository = Schemas['Repository'];
export type ItemQuery = NonNullable<operations['listItems']['parameters']['query']>;
