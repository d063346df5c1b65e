/**
 * What can go wrong between the panel and the service, as data: components show a {@link Problem}, models
 * keep it, and only the API throws, always an {@link ApiError}.
 */

/** One thing that went wrong, in the platform's form. */
export interface Detail {
  /** For the PI: what happened, what is safe, what to do. Written by whoever found the mistake. */
  readonly msg: string;
  /** A snake_case code for programs. */
  readonly type: string;
  /** Where in the request, e.g. `["body", "subject_set"]`. */
  readonly loc?: readonly string[] | undefined;
}

/**
 * Types that the panel itself finds, beside those that the lab (`docs/lab-routes.md`) and the service
 * (`contract/openapi.json`) send.
 */
export const OWN_TYPES = {
  /** The lab has no `rsp-epo-export` routes: the server extension is not installed or not enabled. */
  extensionMissing: 'extension_missing',
  /** The browser gets no answer from the lab. */
  labUnreachable: 'lab_unreachable',
  /** Something in front of the lab answered in its stead. */
  labUnavailable: 'lab_unavailable',
  /** An answer that does not have the shape that this version of the panel knows. */
  unexpectedAnswer: 'unexpected_answer'
} as const;

export interface Problem {
  /** The type of the first detail. */
  readonly type: string;
  /** HTTP status; `null` where there was no answer at all. */
  readonly status: number | null;
  /** At least one. */
  readonly details: readonly [Detail, ...Detail[]];
  /** Seconds that the platform asks to wait; `null` where it did not say. */
  readonly retryAfter: number | null;
}

/** The only error that the API throws. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.details[0].msg);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/** A problem with one detail. `msg` may be empty for the panel's own types: components have words for them. */
export function problemOf(type: string, msg = '', status: number | null = null): Problem {
  return { type, status, details: [{ type, msg }], retryAfter: null };
}

/** What `error` is, as data. What is no {@link ApiError} is a bug of ours and is told as such. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) {
    return error.problem;
  }
  return problemOf(
    OWN_TYPES.unexpectedAnswer,
    error instanceof Error ? error.message : String(error)
  );
}

/** Whether a change that failed in this way may have been made all the same. */
export function outcomeUnknown(problem: Problem): boolean {
  return (
    problem.status === null ||
    problem.type === 'service_timeout' ||
    problem.type === 'service_unreachable' ||
    problem.type === OWN_TYPES.labUnavailable ||
    (problem.status >= 500 && problem.type !== 'repository_unavailable')
  );
}
