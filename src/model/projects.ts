/** The PI's citizen-science projects. */
import { VDomModel } from '@jupyterlab/ui-components';
import { toProblem, type Problem } from '../api/problem';
import type { ServiceApi } from '../api/service';
import type { Project, ProjectCreate } from '../api/types';
import { failed, IDLE, LOADING, ready, valueOf, type Loadable } from '../domain/loadable';

export class ProjectsModel extends VDomModel {
  constructor(service: ServiceApi) {
    super();
    this._service = service;
  }

  get projects(): Loadable<readonly Project[]> {
    return this._projects;
  }

  get creating(): boolean {
    return this._creating;
  }

  /** Why the last project was not made; `null` where it was. */
  get problem(): Problem | null {
    return this._problem;
  }

  find(id: string | null): Project | null {
    return valueOf(this._projects)?.find(project => project.id === id) ?? null;
  }

  async load(): Promise<void> {
    if (this._projects.status !== 'ready') {
      this._projects = LOADING;
      this.stateChanged.emit();
    }
    try {
      this._projects = ready(await this._service.projects());
    } catch (error) {
      this._projects = failed(toProblem(error));
    }
    this.stateChanged.emit();
  }

  /** Makes a project; `null` where that failed, and then `problem` says why. */
  async create(body: ProjectCreate): Promise<Project | null> {
    this._creating = true;
    this._problem = null;
    this.stateChanged.emit();
    let made: Project | null = null;
    try {
      made = await this._service.createProject(body);
      this._projects = ready([...(valueOf(this._projects) ?? []), made]);
    } catch (error) {
      this._problem = toProblem(error);
    }
    this._creating = false;
    this.stateChanged.emit();
    return made;
  }

  private readonly _service: ServiceApi;
  private _projects: Loadable<readonly Project[]> = IDLE;
  private _creating = false;
  private _problem: Problem | null = null;
}
