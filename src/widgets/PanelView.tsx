import * as React from 'react';
import { IconButton } from '../components/Button';
import { Busy } from '../components/Notice';
import { ProblemNotice } from '../components/ProblemNotice';
import { Tabs } from '../components/Tabs';
import { useTranslation } from '../components/translation';
import { groupOf } from '../domain/exports';
import type { ExportModel } from '../model/model';
import type { Tab } from '../tokens';
import { CollectionsView } from './CollectionsView';
import { ExportsView } from './ExportsView';
import type { Host } from './host';
import { SubmitView } from './SubmitView';
import { useChanges } from './use-changes';

interface PanelViewProps {
  readonly model: ExportModel;
  readonly host: Host;
}

/** The panel: which of its parts works, and the three tabs. */
export function PanelView({ model, host }: PanelViewProps): React.ReactElement {
  useChanges(model);
  const trans = useTranslation();
  const { lab, me } = model.session;
  const refresh = () => void model.refresh();

  if (lab.status === 'idle' || lab.status === 'loading') {
    return <Busy>{trans.__('Connecting to your lab…')}</Busy>;
  }
  if (lab.status === 'failed') {
    return <ProblemNotice problem={lab.problem} onRetry={refresh} />;
  }
  const needsYou = model.recentExports.filter(({ state }) => groupOf(state) === 'needs_you').length;
  return (
    <>
      <header className="jp-EpoExport-header">
        <h2>{trans.__('Export to Zooniverse')}</h2>
        <IconButton icon="refresh" label={trans.__('Refresh')} onClick={refresh} />
      </header>
      {me.status === 'failed' && <ProblemNotice problem={me.problem} onRetry={refresh} />}
      <Tabs<Tab>
        label={trans.__('Steps of an export')}
        current={model.tab}
        onChange={tab => model.show(tab)}
        tabs={[
          { id: 'collections', label: trans.__('Collections') },
          { id: 'submit', label: trans.__('Submit'), badge: model.picks.length },
          { id: 'exports', label: trans.__('Exports'), badge: needsYou }
        ]}
      >
        <CurrentTab model={model} host={host} />
      </Tabs>
    </>
  );
}

function CurrentTab({ model, host }: PanelViewProps): React.ReactElement {
  switch (model.tab) {
    case 'collections':
      return <CollectionsView model={model} host={host} />;
    case 'submit':
      return <SubmitView model={model} host={host} />;
    case 'exports':
      return <ExportsView model={model} host={host} />;
  }
}
