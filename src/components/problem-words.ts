/**
 * What a problem is called and what to do about it. The server's own sentence is shown too, where it has one;
 * this adds what only the panel knows. Types: `docs/lab-routes.md`, `contract/openapi.json`, `api/problem.ts`.
 */
import type { Problem } from '../api/problem';
import type { Translation } from './translation';

export interface ProblemWords {
  readonly title: string;
  /** What to do; empty where the server's sentence says it. */
  readonly advice: string;
}

export function wordsFor({ type, status }: Problem, trans: Translation): ProblemWords {
  switch (type) {
    case 'extension_missing':
      return {
        title: trans.__('The server part of this extension is missing'),
        advice: trans.__(
          'This panel needs the Python package rsp_epo_export with its [lab] extra in the environment that JupyterLab runs in. Install it there, restart your lab and try again. Your data is untouched.'
        )
      };
    case 'lab_unreachable':
      return {
        title: trans.__('Your lab does not answer'),
        advice: trans.__(
          'The browser has no connection to your lab. Check that it is still running and that you are online, then try again.'
        )
      };
    case 'lab_unavailable':
      return {
        title: trans.__('Your lab is not ready'),
        advice: trans.__(
          'Something in front of your lab answered in its place. If the lab was stopped, start it again; otherwise wait a minute and try again.'
        )
      };
    case 'not_authenticated':
      return {
        title: trans.__('Your login has ended'),
        advice: trans.__('Reload this page and log in again. Your draft is kept.')
      };
    case 'unexpected_answer':
      return {
        title: trans.__('An answer could not be understood'),
        advice: trans.__(
          'Panel and service may be of different versions. Restart your lab to get the newest one; if that does not help, tell the EPO team what it says above.'
        )
      };
    case 'butler_missing':
      return {
        title: trans.__('The Butler was not found'),
        advice: trans.__(
          'Without it the panel cannot list collections. Choose a lab image with the Rubin science pipelines, or ask your administrator to set butler_command.'
        )
      };
    case 'butler_failed_to_start':
    case 'butler_died':
    case 'butler_garbled':
      return {
        title: trans.__('The Butler stopped working'),
        advice: trans.__('Nothing was changed. Trying again starts a new one.')
      };
    case 'butler_timeout':
      return {
        title: trans.__('The Butler took too long'),
        advice: trans.__('Nothing was changed. The repository may be busy: try again in a minute.')
      };
    case 'butler_error':
      return { title: trans.__('The Butler reported an error'), advice: '' };
    case 'repository_unknown':
      return {
        title: trans.__('This repository is not known here'),
        advice: trans.__('It may have been renamed or removed. Choose another under Collections.')
      };
    case 'repository_unavailable':
      return { title: trans.__('The repository cannot be opened'), advice: '' };
    case 'collection_not_found':
      return {
        title: trans.__('The collection is gone'),
        advice: trans.__('It may have been renamed or removed. Choose another under Collections.')
      };
    case 'dataset_type_not_found':
      return { title: trans.__('The collection has no such dataset type'), advice: '' };
    case 'dataset_not_found':
      return { title: trans.__('The dataset is gone'), advice: '' };
    case 'unreadable':
      return { title: trans.__('The file cannot be read'), advice: '' };
    case 'not_an_image':
      return {
        title: trans.__('Not a PNG or JPEG'),
        advice: trans.__(
          'EPO refuses this one when you export the collection; the others are not affected.'
        )
      };
    case 'service_not_configured':
      return {
        title: trans.__('EPO’s export service is not set up here'),
        advice: trans.__(
          'You can look at your collections, but not grant access or submit. Ask your administrator for the address of the service.'
        )
      };
    case 'service_untrusted':
      return { title: trans.__('The address of EPO’s export service is not trusted'), advice: '' };
    case 'service_unreachable':
    case 'service_timeout':
    case 'service_error':
      return {
        title: trans.__('EPO’s export service does not answer'),
        advice: trans.__(
          'Exports that are under way go on without this panel. You can look at your collections meanwhile; try again in a few minutes.'
        )
      };
    case 'token_missing':
    case 'token_rejected':
      return {
        title: trans.__('Your RSP login was not accepted'),
        advice: trans.__('Save your work, stop your lab and start it again: it gets a fresh token.')
      };
    case 'rate_limited':
      return {
        title: trans.__('Too many requests'),
        advice: trans.__('Wait a moment, then try again.')
      };
    case 'grant_missing':
      return {
        title: trans.__('EPO may not read this yet'),
        advice: trans.__('Grant read access first.')
      };
    case 'not_yours':
      return { title: trans.__('This is not yours'), advice: '' };
    case 'wrong_state':
      return { title: trans.__('Not possible any more'), advice: '' };
    case 'repository_read_only':
      return { title: trans.__('Nothing can be removed from this repository'), advice: '' };
    case 'not_removable':
      return { title: trans.__('Your files cannot be removed from here now'), advice: '' };
    case 'removal_changed':
      return { title: trans.__('Something changed since you looked'), advice: '' };
    case 'too_large':
      return { title: trans.__('Too large'), advice: '' };
    default:
      return {
        title:
          status !== null && status < 500
            ? trans.__('This was not accepted')
            : trans.__('Something went wrong'),
        advice: ''
      };
  }
}
