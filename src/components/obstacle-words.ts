import type { Obstacle } from '../domain/draft';
import type { Translation } from './translation';

/** What the PI has to do first, after "Before you can submit:". */
export function obstacleWords(obstacle: Obstacle, trans: Translation): string {
  switch (obstacle) {
    case 'no_collections':
      return trans.__('choose collections');
    case 'repository_unknown':
      return trans.__('choose collections of a repository that EPO exports from');
    case 'no_dataset_type':
      return trans.__('choose the dataset type of the images');
    case 'no_grant':
      return trans.__('let EPO read what you picked');
    case 'no_project':
      return trans.__('choose or create a project');
    case 'no_subject_set':
      return trans.__('name the subject set');
    case 'over_limit':
      return trans.__(
        'pick less, or ask EPO to approve the project: it has more cutouts than allowed'
      );
    case 'not_checked':
      return trans.__('wait for EPO’s check');
    case 'has_problems':
      return trans.__('solve what EPO’s check found, above');
  }
}
