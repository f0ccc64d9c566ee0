export { readConfigFields, type ConfigFields } from './config-fields.ts';
