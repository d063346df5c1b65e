/** The plugin in an application: JupyterLab's own front end and commands, over a shell that keeps a list. */
import { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ServiceManager } from '@jupyterlab/services';
import { StateDB } from '@jupyterlab/statedb';
import { PanelLayout, Widget } from '@lumino/widgets';
import { COMMANDS } from '../commands';
import { plugin } from '../plugin';
import type { IExportModel } from '../tokens';
import { DEFAULT_SETTINGS } from '../model/settings';
import { EXPORT, FAILED, PUBLISHED, TOLD, WORKING } from './support/answers';
import { FakeLab, type Answers } from './support/fake-lab';

/** A shell that shows what is put into it; the last that was activated is on top. */
class ListShell extends Widget implements JupyterFrontEnd.IShell {
  constructor() {
    super();
    this.layout = new PanelLayout();
  }
  readonly areas = new Map<string, string>();
  active = '';
  currentWidget = null;

  add(widget: Widget, area = 'main'): void {
    this.areas.set(widget.id, area);
    (this.layout as PanelLayout).addWidget(widget);
    widget.hide();
  }
  activateById(id: string): void {
    this.active = id;
    this.find(id)?.show();
  }
  find(id: string): Widget | undefined {
    return [...this.widgets()].find(widget => widget.id === id);
  }
  *widgets(): IterableIterator<Widget> {
    yield* (this.layout as PanelLayout).widgets;
  }
}

class App extends JupyterFrontEnd<ListShell> {
  readonly name = 'Test';
  readonly namespace = 'test';
  readonly version = '1';
}

const PANEL = 'rsp-epo-export:panel';
const started: { app: App; model: IExportModel }[] = [];

afterEach(() => {
  Notification.dismiss();
  for (const { app, model } of started.splice(0)) {
    app.shell.dispose();
    model.dispose();
  }
});

interface StartOptions {
  readonly answers?: Answers;
  readonly state?: StateDB;
  /** Whether JupyterLab's own shell is there; in Notebook 7 it is not. */
  readonly inLab?: boolean;
}

async function start({ answers = {}, state, inLab = false }: StartOptions = {}) {
  const lab = new FakeLab({ ...WORKING, ...answers });
  const services = new ServiceManager({ serverSettings: lab.settings, standby: () => true });
  const app = new App({ shell: new ListShell(), serviceManager: services });
  Widget.attach(app.shell, document.body);
  const nothing = [null, null, state ?? null, null, null, null, inLab ? app.shell : null];
  const model = await plugin.activate(app, ...nothing);
  started.push({ app, model });
  const ours = () => lab.log.filter(({ route }) => !route.includes('/user/alien/api/'));
  return { app, lab, model, ours };
}

async function changed(model: IExportModel, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>(resolve => {
      const once = () => {
        model.stateChanged.disconnect(once);
        resolve();
      };
      model.stateChanged.connect(once);
    });
  }
}

it('works where the application offers nothing but itself', async () => {
  const { app } = await start();
  expect(app.shell.areas.get(PANEL)).toBe('left');
  for (const id of Object.values(COMMANDS)) {
    expect(app.commands.hasCommand(id)).toBe(true);
  }
});

it('asks the lab for nothing before the panel is opened', async () => {
  const { app, model, ours } = await start();
  expect(ours()).toEqual([]);
  await app.commands.execute(COMMANDS.open);
  expect(app.shell.active).toBe(PANEL);
  await changed(model, () => ours().length > 0);
  expect(ours()[0]?.route).toBe('status');
});

it('describes the arguments of each command', async () => {
  const { app } = await start();
  for (const id of Object.values(COMMANDS)) {
    const { args } = await app.commands.describedBy(id);
    expect(args).toMatchObject({ type: 'object' });
  }
});

it('opens the panel at the tab that is asked for', async () => {
  const { app, model } = await start();
  await app.commands.execute(COMMANDS.open, { tab: 'exports' });
  expect(model.tab).toBe('exports');
});

it('refuses arguments that it does not know', async () => {
  const { app } = await start();
  await expect(app.commands.execute(COMMANDS.open, { tab: 'moon' })).rejects.toThrow('tab');
  await expect(
    app.commands.execute(COMMANDS.submit, { repository: 'demo', collections: ['u/alien/x'] })
  ).rejects.toThrow('collections');
});

it('fills the draft from a command', async () => {
  const { app, model } = await start();
  const collections = [{ name: 'u/alien/zooniverse-1', kind: 'run' }];
  await app.commands.execute(COMMANDS.submit, { repository: 'demo', collections });
  expect(model.picks).toEqual(collections);
  expect(model.tab).toBe('submit');
  expect(app.shell.active).toBe(PANEL);
});

it.each([
  [true, 'main'],
  [false, 'right']
])('opens one preview a collection (JupyterLab: %s, area: %s)', async (inLab, area) => {
  const { app } = await start({ inLab });
  const target = { repository: 'demo', name: 'u/alien/zooniverse-1', kind: 'run' };
  await app.commands.execute(COMMANDS.preview, target);
  await app.commands.execute(COMMANDS.preview, target);
  const previews = [...app.shell.areas].filter(([id]) => id.includes(':preview:'));
  expect(previews.map(([, where]) => where)).toEqual([area]);
  expect(app.shell.find(app.shell.active)?.title.label).toBe('zooniverse-1');
});

it('previews what is picked where nothing is named, and nothing where nothing is picked', async () => {
  const { app, model } = await start();
  expect(app.commands.isEnabled(COMMANDS.preview)).toBe(false);
  model.pick({ repository: 'demo', collections: [{ name: 'u/alien/batch-1', kind: 'chain' }] });
  await app.commands.execute(COMMANDS.preview);
  expect(app.shell.active).toContain('u/alien/batch-1');
});

describe('what the PI is told', () => {
  const messages = (...notifications: object[]) => ({
    'GET service/notifications': { notifications, next_cursor: null }
  });
  const [removable, published] = TOLD;

  /** As `told` stands at first, and `later` when the export has settled. */
  async function settle(told: readonly object[], later: readonly object[], one = PUBLISHED) {
    const made = await start({
      answers: {
        'GET service/exports': { exports: [EXPORT], next_cursor: null },
        ...messages(...told)
      }
    });
    await made.app.commands.execute(COMMANDS.refresh);
    made.lab.change({
      'GET service/exports': { exports: [one], next_cursor: null },
      ...messages(...later)
    });
    await made.app.commands.execute(COMMANDS.refresh);
    return { ...made, notices: Notification.manager.notifications };
  }

  it('comes as a notification with a button that shows the export', async () => {
    const { app, model, notices } = await settle([], [{ ...published }]);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({
      type: 'success',
      message: 'Your export “zooniverse-1” is public',
      options: { autoClose: false }
    });
    notices[0]?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(model.tab).toBe('exports');
    expect(app.shell.active).toBe(PANEL);
  });

  it('of files that can be removed, has a button that shows what would go', async () => {
    const { app, lab, model, notices } = await settle([], [{ ...removable }]);
    expect(notices[0]?.options.actions?.map(({ label }) => label)).toEqual(['Remove files…']);
    notices[0]?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(app.shell.active).toBe(PANEL);
    await changed(model, () => lab.asked('GET butler/removal').length > 0);
    expect(lab.asked('GET butler/removal').map(({ query }) => query.get('export_id'))).toEqual([
      EXPORT.id
    ]);
    expect(lab.asked('POST butler/removal')).toEqual([]);
  });

  it('badly is an error', async () => {
    const { notices } = await settle([], [{ ...published, event: 'failed' }], FAILED);
    expect(notices.map(({ type }) => type)).toEqual(['error']);
  });

  it('is told once, oldest first, and not what was told before', async () => {
    const { notices } = await settle([{ ...published, id: 5 }], [...TOLD, { ...published, id: 5 }]);
    // JupyterLab keeps the newest first.
    expect(notices.map(({ message }) => message)).toEqual(TOLD.map(({ summary }) => summary));
  });

  it('is not told as a notification where the user turned them off', async () => {
    const made = await start();
    await made.app.commands.execute(COMMANDS.refresh);
    Object.assign(made.model, { settings: { ...DEFAULT_SETTINGS, notify: false } });
    made.lab.change(messages(...TOLD));
    await made.app.commands.execute(COMMANDS.refresh);
    expect(Notification.manager.notifications).toEqual([]);
  });

  it('while the lab was stopped, is told at the next start', async () => {
    const state = new StateDB();
    const exports = { 'GET service/exports': { exports: [EXPORT], next_cursor: null } };
    const first = await start({ state, answers: exports });
    const saved = new Promise<void>(resolve => {
      state.changed.connect(() => resolve());
    });
    await first.app.commands.execute(COMMANDS.refresh);
    await saved;
    const second = await start({ state, answers: messages(...TOLD) });
    await changed(second.model, () => Notification.manager.notifications.length > 0);
    expect(Notification.manager.notifications).toHaveLength(2);
  });
});

describe('the state of the last session', () => {
  it('is taken up', async () => {
    const state = new StateDB();
    const first = await start({ state });
    await first.app.commands.execute(COMMANDS.open, { tab: 'exports' });
    await new Promise<void>(resolve => {
      state.changed.connect(() => resolve());
    });
    const second = await start({ state });
    await changed(second.model, () => second.model.tab === 'exports');
  });

  it('has the panel follow exports that were under way, though it is closed', async () => {
    const state = new StateDB();
    const exports = { 'GET service/exports': { exports: [EXPORT], next_cursor: null } };
    const first = await start({ state, answers: exports });
    const saved = new Promise<void>(resolve => {
      state.changed.connect(() => resolve());
    });
    await first.app.commands.execute(COMMANDS.refresh);
    await saved;
    const second = await start({ state, answers: exports });
    await changed(second.model, () => second.model.recentExports.length > 0);
  });
});
