/** The plugin in an application: JupyterLab's own front end and commands, over a shell that keeps a list. */
import { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ServiceManager } from '@jupyterlab/services';
import { StateDB } from '@jupyterlab/statedb';
import { PanelLayout, Widget } from '@lumino/widgets';
import { COMMANDS } from '../commands';
import { plugin } from '../plugin';
import type { IExportModel } from '../tokens';
import { EXPORT, FAILED, PUBLISHED, WORKING } from './support/answers';
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

describe('an export that settles', () => {
  async function settle(one: object) {
    const made = await start({
      answers: { 'GET service/exports': { exports: [EXPORT], next_cursor: null } }
    });
    await made.app.commands.execute(COMMANDS.refresh);
    made.lab.change({ 'GET service/exports': { exports: [one], next_cursor: null } });
    await made.app.commands.execute(COMMANDS.refresh);
    return { ...made, notices: Notification.manager.notifications };
  }

  it('is told, with a button that shows it', async () => {
    const { app, model, notices } = await settle(PUBLISHED);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({
      type: 'success',
      message: '“zooniverse-1” is public: 308 published, 4 left out with their reasons.',
      options: { autoClose: false }
    });
    notices[0]?.options.actions?.[0]?.callback(new MouseEvent('click'));
    expect(model.tab).toBe('exports');
    expect(app.shell.active).toBe(PANEL);
  });

  it('badly is told as an error', async () => {
    const { notices } = await settle(FAILED);
    expect(notices.map(({ type }) => type)).toEqual(['error']);
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
