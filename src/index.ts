import { plugin } from './plugin';
import { showPlugin } from './show-plugin';

export * from './tokens';
export default [plugin, showPlugin];
