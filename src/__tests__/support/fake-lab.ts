/**
 * A lab whose every answer stands in a table, `'GET butler/repositories': body`. Only the network is made up: the
 * requests go through JupyterLab's `ServerConnection` as they do in a lab.
 */
import { ServerConnection } from '@jupyterlab/services';

/** What was asked of the lab. */
export interface Asked {
  readonly method: string;
  /** Below `rsp-epo-export/`, without the query. */
  readonly route: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The JSON that was sent; `undefined` where none was. */
  readonly body: unknown;
}

/** A body, answered with 200; or what makes an answer of what was asked. */
export type Answer = object | ((asked: Asked) => object | Response | Promise<object | Response>);

/** Answers by method and route; a route without an answer is a 404 of the platform's form. */
export type Answers = Readonly<Record<string, Answer>>;

export class FakeLab {
  constructor(answers: Answers) {
    this._answers = answers;
    this.settings = ServerConnection.makeSettings({
      baseUrl: 'http://lab.test/user/alien/',
      fetch: input => this._fetch(input)
    });
  }

  readonly settings: ServerConnection.ISettings;

  /** All that was asked so far. */
  readonly log: Asked[] = [];

  /** What was asked of one route, in order, e.g. `'POST service/exports'`. */
  asked(what: string): readonly Asked[] {
    return this.log.filter(({ method, route }) => `${method} ${route}` === what);
  }

  /** Answers differently from now on. */
  change(answers: Answers): void {
    this._answers = { ...this._answers, ...answers };
  }

  private async _fetch(input: RequestInfo | URL): Promise<Response> {
    const request = new Request(input);
    const url = new URL(request.url);
    const text = await request.text();
    const asked: Asked = {
      method: request.method,
      route: url.pathname.replace('/user/alien/rsp-epo-export/', ''),
      query: url.searchParams,
      headers: request.headers,
      body: text ? JSON.parse(text) : undefined
    };
    this.log.push(asked);
    const answer = this._answers[`${asked.method} ${asked.route}`];
    if (answer === undefined) {
      return problem(404, 'not_found', `Nothing at ${asked.method} ${asked.route}.`);
    }
    const made: object = typeof answer === 'function' ? await callAnswer(answer, asked) : answer;
    return made instanceof Response ? made : new Response(JSON.stringify(made));
  }

  private _answers: Answers;
}

/** An error in the platform's form. */
export function problem(
  status: number,
  type: string,
  msg: string,
  headers: Record<string, string> = {}
): Response {
  return new Response(JSON.stringify({ detail: [{ msg, type }] }), { status, headers });
}

/** An answer that does not come before `release` is called. */
export function held(answer: object): { readonly answer: Answer; readonly release: () => void } {
  let release = () => undefined as void;
  const open = new Promise<void>(resolve => (release = resolve));
  return {
    answer: async () => {
      await open;
      return answer;
    },
    release: () => release()
  };
}

type Maker = Extract<Answer, (asked: Asked) => unknown>;

async function callAnswer(answer: Answer, asked: Asked): Promise<object> {
  return (answer as Maker)(asked); // The caller saw that it is a function.
}
