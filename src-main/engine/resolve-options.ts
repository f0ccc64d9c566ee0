import type { OptionValue } from '../../src-shared/core/caches/index.ts';
import { presetMethod } from '../../src-shared/core/presets/index.ts';
import { usageError } from '../../src-shared/core/errors/index.ts';
import { modelOf, type EditOptions } from '../../src-shared/project/index.ts';
import type { JobOptions } from './edit-job.ts';

/** No method has options that are true or false: as a word they are refused with what would do. */
function optionValues(options: EditOptions['methodOptions']): Record<string, OptionValue> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'boolean' ? String(value) : value,
    ]),
  );
}

/**
 * The options of an edit as the engine takes them: plate and method, which the preset has a part in, put together, and the
 * model that the edit runs on (`modelOf`); all others as they are. Throws `cache-method`, `cache-option` or `fill-plate`.
 */
export function resolveOptions(options: EditOptions): JobOptions {
  if (options.plate === 'only' && options.platePath === undefined && options.fill === 'network') {
    throw usageError(
      'fill-plate',
      'The fill is the network, but the plate says that nothing but other frames is used.',
      'Choose the plate auto, or another fill.',
    );
  }
  const { plate, platePath, method, methodOptions, feather, ...others } = options;
  return {
    ...others,
    modelId: modelOf(options),
    method: presetMethod(options.preset, {
      ...(method === undefined ? {} : { method }),
      options: optionValues(methodOptions),
    }),
    plate: platePath === undefined ? { kind: plate } : { kind: 'file', path: platePath },
    ...(feather === undefined ? {} : { featherPx: feather }),
  };
}
