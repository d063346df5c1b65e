import * as React from 'react';
import { SubmitForm } from '../components/SubmitForm';
import type { ExportModel } from '../model/model';
import { grantProps, toggle } from './grant-props';
import type { Host } from './host';

interface SubmitViewProps {
  readonly model: ExportModel;
  readonly host: Host;
}

/** The second tab: the draft, and what EPO says to it. Empty while the service does not answer: the panel says why. */
export function SubmitView({ model, host }: SubmitViewProps): React.ReactElement | null {
  const { draft, projects, session } = model;
  if (session.me.status === 'failed') {
    return null;
  }
  const { repository } = draft.draft;
  return (
    <SubmitForm
      draft={draft.complete}
      grants={grantProps(model)}
      project={{
        projects: projects.projects,
        projectId: draft.draft.projectId,
        creating: projects.creating,
        problem: projects.problem,
        onChoose: projectId => draft.update({ projectId }),
        onCreate: async body => {
          const made = await projects.create(body);
          if (made) {
            draft.update({ projectId: made.id });
          }
          return made !== null;
        },
        onRetry: () => void projects.load()
      }}
      datasetTypes={model.datasetTypes}
      dimensions={model.dimensions.names}
      preflight={draft.preflight}
      obstacles={model.obstacles}
      submitting={draft.submitting}
      problem={draft.problem}
      earlierUnknown={draft.earlierUnknown}
      onChange={change => draft.update(change)}
      onDrop={pick => toggle(model, pick)}
      onPreview={pick => repository !== null && host.openPreview({ repository, pick })}
      onChooseCollections={() => model.show('collections')}
      onShowExports={() => model.show('exports')}
      onCheck={() => void draft.check()}
      onSubmit={() => void model.submit()}
    />
  );
}
