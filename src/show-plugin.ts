/**
 * Draws what `EpoExport().show()` leaves in a notebook, and opens the panel at once where this window ran the cell. An
 * output that was saved acts only when it is clicked; a renderer cannot tell the two apart, but a kernel's message can.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { KernelMessage } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { COMMANDS } from './commands';
import { SHOW_MIME_TYPE, type Shown } from './domain/show';
import { ShownOutputWidget, shownIn } from './widgets/shown-output';

/** Before HTML (50), which the same output has for readers elsewhere. */
const RANK = 10;

export const showPlugin: JupyterFrontEndPlugin<void> = {
  id: 'rsp-epo-export:show',
  description: 'Draws the output of EpoExport().show(), and opens the panel where it was just run.',
  autoStart: true,
  optional: [IRenderMimeRegistry, INotebookTracker, ITranslator],
  activate
};

function activate(
  app: JupyterFrontEnd,
  registry: IRenderMimeRegistry | null,
  notebooks: INotebookTracker | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('rsp_epo_export');
  const open = ({ repository, collection }: Shown): void => {
    void app.commands.execute(COMMANDS.open, {
      ...(repository !== null && collection !== null && { repository, collection })
    });
  };
  registry?.addFactory(
    {
      safe: true,
      mimeTypes: [SHOW_MIME_TYPE],
      createRenderer: () => new ShownOutputWidget(trans, open)
    },
    RANK
  );
  notebooks?.widgetAdded.connect((_, { sessionContext }) => {
    sessionContext.iopubMessage.connect((context, message) => {
      const shown = freshlyShown(message, context.session?.kernel?.clientId);
      if (shown) {
        open(shown);
      }
    });
  });
}

/** What a message shows, where the client that asked for it is this one: another window's run is its own affair. */
function freshlyShown(message: KernelMessage.IMessage, clientId: string | undefined): Shown | null {
  const { parent_header: parent } = message;
  if (clientId === undefined || !('session' in parent) || parent.session !== clientId) {
    return null;
  }
  return KernelMessage.isExecuteResultMsg(message) || KernelMessage.isDisplayDataMsg(message)
    ? shownIn(message.content.data[SHOW_MIME_TYPE])
    : null;
}
