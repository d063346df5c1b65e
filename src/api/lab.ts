/** Every request of the panel goes through here: to the lab's server, as the lab's user, never elsewhere. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { listOf, object, optional, parseJson, ShapeError, text, type Check } from './json';
import { ApiError, OWN_TYPES, problemOf, type Detail, type Problem } from './problem';

/** The server extension's routes begin with this. */
export const ROUTES = 'rsp-epo-export';

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export class LabClient {
  constructor(settings: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** The address of one of our routes in this lab, e.g. for an `<img>`. */
  url(route: string, query: Query = {}): string {
    const url = URLExt.join(this._settings.baseUrl, ROUTES, route);
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) {
          parameters.append(name, String(one));
        }
      }
    }
    const search = parameters.toString();
    return search ? `${url}?${search}` : url;
  }

  /**
   * Sends a request with the lab's credentials.
   *
   * @throws ApiError where there is no answer, or one with a status of 400 or more.
   */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, init, this._settings);
    } catch (error) {
      if (init.signal?.aborted) {
        throw error;
      }
      throw new ApiError(problemOf(OWN_TYPES.labUnreachable));
    }
    if (!response.ok) {
      throw new ApiError(await readProblem(response));
    }
    return response;
  }

  /** Gets a route's JSON, checked. @throws ApiError, also where the answer has another shape. */
  async get<T>(check: Check<T>, route: string, query: Query = {}): Promise<T> {
    const response = await this.send(this.url(route, query));
    return checked(check, await response.text());
  }

  private readonly _settings: ServerConnection.ISettings;
}

/** `source` as a `T`. @throws ApiError where it is something else. */
export function checked<T>(check: Check<T>, source: string): T {
  try {
    return check(parseJson(source), 'The answer');
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SyntaxError) {
      throw new ApiError(problemOf(OWN_TYPES.unexpectedAnswer, error.message, 200));
    }
    throw error;
  }
}

const errorBody = object({
  detail: listOf(object({ msg: text, type: text, loc: optional(listOf(text)) }))
});

async function readProblem(response: Response): Promise<Problem> {
  const { status } = response;
  const [first, ...more] = readDetails(await response.text());
  if (!first) {
    return problemOf(typeOfForeignAnswer(status), '', status);
  }
  return {
    type: first.type,
    status,
    details: [first, ...more],
    retryAfter: readSeconds(response.headers.get('retry-after'))
  };
}

function readDetails(source: string): readonly Detail[] {
  try {
    return errorBody(parseJson(source), 'detail').detail;
  } catch {
    return []; // Not the platform's form: it comes from in front of our routes.
  }
}

/** Our routes always answer errors in the platform's form, so this one is Jupyter's or JupyterHub's. */
function typeOfForeignAnswer(status: number): string {
  if (status === 404) {
    return OWN_TYPES.extensionMissing;
  }
  return status === 401 || status === 403 ? 'not_authenticated' : OWN_TYPES.labUnavailable;
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3). */
function readSeconds(header: string | null): number | null {
  if (header === null) {
    return null;
  }
  const seconds = Number(header);
  if (Number.isFinite(seconds)) {
    return Math.max(0, seconds);
  }
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
