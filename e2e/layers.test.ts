import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const config = createRequire(import.meta.url)(resolve(root, '.dependency-cruiser.cjs')) as {
  forbidden: NonNullable<ICruiseOptions['ruleSet']>['forbidden'];
  options: Record<string, unknown> & { tsConfig: { fileName: string } };
};

async function violationsIn(folder: string, places: string[]): Promise<ICruiseResult['summary']> {
  const { enhancedResolveOptions, ...options } = config.options;
  const result = await cruise(
    places,
    {
      ...options,
      baseDir: folder,
      validate: true,
      ruleSet: { forbidden: config.forbidden },
    } as ICruiseOptions,
    enhancedResolveOptions as never,
    { tsConfig: extractTSConfig(resolve(root, config.options.tsConfig.fileName)) },
  );
  return (result.output as ICruiseResult).summary;
}

describe('layers', () => {
  it('are kept, over all modules', async () => {
    const summary = await violationsIn(root, ['src-main', 'src-renderer', 'src-shared']);
    expect(summary.violations).toEqual([]);
    // A check of nothing is not green.
    expect(summary.totalCruised).toBeGreaterThan(100);
  });

  it('catch a core module that reaches up and an engine that knows its runtime', async () => {
    const summary = await violationsIn(resolve(root, 'e2e/fixtures/layers'), ['src-main', 'src-shared']);
    expect(new Set(summary.violations.map((violation) => violation.rule.name))).toEqual(
      new Set(['core-is-pure', 'engine-uses-shared', 'only-ort-imports-onnxruntime']),
    );
  });
});
