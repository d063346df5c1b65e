import * as React from 'react';
import { CollectionFilter } from '../components/CollectionFilter';
import { CollectionTree } from '../components/CollectionTree';
import { Hint } from '../components/Hint';
import { Busy } from '../components/Notice';
import { PickTray } from '../components/PickTray';
import { ProblemNotice } from '../components/ProblemNotice';
import { useTranslation } from '../components/translation';
import type { ExportModel } from '../model/model';
import { grantProps, toggle } from './grant-props';
import type { Host } from './host';

interface CollectionsViewProps {
  readonly model: ExportModel;
  readonly host: Host;
}

/** The first tab: what there is, what is picked, and whether EPO may read it. */
export function CollectionsView({ model, host }: CollectionsViewProps): React.ReactElement {
  const trans = useTranslation();
  const { collections, draft, session } = model;
  const problem =
    session.butlerProblem ??
    (collections.repositories.status === 'failed' ? collections.repositories.problem : null);
  if (problem) {
    return <ProblemNotice problem={problem} onRetry={() => void model.refresh()} />;
  }
  if (collections.repositories.status !== 'ready') {
    return <Busy>{trans.__('Starting the Butler; this takes a few seconds…')}</Busy>;
  }
  const { repository } = draft.draft;
  return (
    <>
      {!model.hintClosed && model.picks.length === 0 && model.recentExports.length === 0 && (
        <Hint onClose={() => (model.hintClosed = true)} />
      )}
      <CollectionFilter
        search={collections.search}
        ownOnly={collections.ownOnly}
        onSearch={search => (collections.search = search)}
        onOwnOnly={ownOnly => (collections.ownOnly = ownOnly)}
      />
      {collections.repositories.value.length === 0 ? (
        <p className="jp-EpoExport-empty">
          {trans.__(
            'Your lab knows no Butler repository. Set DAF_BUTLER_REPOSITORY_INDEX, or ask your administrator to.'
          )}
        </p>
      ) : (
        <CollectionTree
          rows={model.treeRows}
          onExpand={(id, expanded) => collections.setExpanded(id, expanded)}
          onToggle={(label, pick) => draft.toggle(label, pick)}
          onPreview={({ collection, repository: label }) =>
            host.openPreview({
              repository: label,
              pick: {
                name: collection.name,
                kind: collection.type === 'RUN' ? 'run' : 'chain'
              }
            })
          }
          onRetry={label => void collections.reload(label)}
        />
      )}
      <PickTray
        {...grantProps(model)}
        onDrop={pick => toggle(model, pick)}
        onPreview={pick => repository !== null && host.openPreview({ repository, pick })}
        onContinue={() => model.show('submit')}
      />
    </>
  );
}
