export {
  float32ToFloat16Array,
  float16ToFloat32Array,
  bfloat16ToFloat32Array,
  float32ToBfloat16Array,
} from './half.ts';
export { float8e4m3ToFloat32Array } from './float8.ts';
