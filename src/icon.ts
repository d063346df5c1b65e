import { LabIcon } from '@jupyterlab/ui-components';
import svg from '../style/icons/epo-export.svg';

/** A picture on its way out. `schema/plugin.json` names it. */
export const exportIcon = new LabIcon({ name: 'rsp-epo-export:export', svgstr: svg });
