/** What the panel remembers between sessions, in JupyterLab's state database. */
import { flag, listOf, object, optional, text, whole, wordOf, type Check } from '../api/json';
import { draftCheck, type Draft } from '../domain/draft';
import type { ExportFilter } from '../domain/exports';
import type { Tab } from '../tokens';
import type { TreeState } from './collections';
import type { Attempt } from './draft';

export interface UiState {
  readonly tab: Tab;
  readonly tree: TreeState;
  readonly draft: Draft;
  /** Kept with the draft: a submission that got no answer is sent again with the same key. */
  readonly attempt: Attempt;
  readonly filter: ExportFilter;
  /** Whether the newcomer's hint was closed. */
  readonly hintClosed: boolean;
  /** Whether exports were under way, of which the PI should hear even while the panel is closed. */
  readonly following: boolean;
  /** The newest message that came, so that only what came since is news. */
  readonly seenMessage?: number | undefined;
}

/** A state of another version, or damaged, fails this check and is not taken up. */
export const uiStateCheck: Check<UiState> = object({
  tab: wordOf<Tab>({ collections: true, submit: true, exports: true }),
  tree: object({
    search: text,
    ownOnly: flag,
    expanded: listOf(text),
    collapsed: listOf(text)
  }),
  draft: draftCheck,
  attempt: object({ key: text, sent: flag }),
  filter: wordOf<ExportFilter>({
    all: true,
    under_way: true,
    needs_you: true,
    public: true,
    ended: true
  }),
  hintClosed: flag,
  following: flag,
  seenMessage: optional(whole)
});

/** Where the state is kept. */
export interface StateStore {
  /** What was saved; `undefined` where nothing was. */
  fetch(): Promise<unknown>;
  save(state: UiState): Promise<void>;
}
