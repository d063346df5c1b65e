import * as React from 'react';
import type { Table } from '../api/service';
import type { Export } from '../api/types';
import { ExportList } from '../components/ExportList';
import { MessageList } from '../components/MessageList';
import type { RemovalProps } from '../components/Removal';
import { valueOf } from '../domain/loadable';
import type { ExportModel } from '../model/model';
import type { Host } from './host';

interface ExportsViewProps {
  readonly model: ExportModel;
  readonly host: Host;
}

/** The third tab: the exports as they go. Empty while the service does not answer: the panel says why. */
export function ExportsView({ model, host }: ExportsViewProps): React.ReactElement | null {
  const { exports, messages, projects, removal, session } = model;
  if (session.me.status === 'failed' && exports.exports.status !== 'ready') {
    return null;
  }
  const download = async (id: string, table: Table) => {
    const text = await exports.table(id, table);
    if (text !== null) {
      const name = model.recentExports.find(one => one.id === id)?.subject_set ?? id;
      host.saveFile(`${name.replace(/[^\p{L}\p{N}._-]+/gu, '_')}-${table}.csv`, text);
    }
  };
  const me = valueOf(session.me);
  const removalOf = (exported: Export): RemovalProps | null =>
    exported.owner === me?.username && removal.isOffered(exported)
      ? {
          removal: removal.of(exported.id),
          onLook: () => void removal.look(exported),
          onRemove: () => void removal.carryOut(exported),
          onDismiss: () => removal.dismiss()
        }
      : null;
  return (
    <>
      <MessageList messages={messages.messages} onShow={id => model.show('exports', id)} />
      <ExportList
        exports={exports.exports}
        filter={exports.filter}
        openId={exports.openId}
        busyId={exports.busyId}
        actionProblem={exports.actionProblem}
        staleBecause={exports.staleBecause}
        hasMore={exports.hasMore}
        projectName={id => projects.find(id)?.name ?? null}
        loadItems={exports.items}
        removalOf={removalOf}
        onFilter={filter => (exports.filter = filter)}
        onOpen={id => (exports.openId = id)}
        onAct={(id, action) => void exports.act(id, action)}
        onDownload={(id, table) => void download(id, table)}
        onMore={() => void exports.loadMore()}
        onRetry={() => void exports.refresh()}
        onStart={() => model.show('collections')}
      />
    </>
  );
}
