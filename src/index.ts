export * from './tokens';
export { plugin as default } from './plugin';
