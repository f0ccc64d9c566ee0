export { canonicalJson } from './canonical-json.ts';
export { readConfigFields, type ConfigFields } from './config-fields.ts';
