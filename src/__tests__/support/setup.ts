import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// A busy machine must not fail a test: what is waited for comes, or does not come at all.
configure({ asyncUtilTimeout: 10_000 });

/**
 * jsdom lays nothing out, and a virtual list draws only what fits. So every scroller is 800 × 600 pixels here, and
 * a measured row 40 high.
 */
Object.defineProperties(HTMLElement.prototype, {
  offsetHeight: { configurable: true, get: () => 40 },
  offsetWidth: { configurable: true, get: () => 800 },
  clientHeight: { configurable: true, get: () => 600 },
  clientWidth: { configurable: true, get: () => 800 }
});

/**
 * JupyterLab's test set-up puts stubs in place of ranges, for an editor that is not tested here. user-event needs
 * jsdom's own, which still stand behind the stubs.
 */
Reflect.deleteProperty(document, 'createRange');
