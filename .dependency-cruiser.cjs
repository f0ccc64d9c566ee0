/** The layers of docs/architecture.md; arrows point down only. */
const noTest = '\\.test\\.ts$';
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: noTest },
  to: { path: '^(src-|e2e|models|scripts)', pathNot: allowed },
});
const shared = '^src-shared/';
const engineTypes = '^src-main/engine/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-is-pure',
      comment: 'core: nothing but itself and the ONNX message library; no Node, no DOM, no ORT.',
      severity: 'error',
      from: { path: '^src-shared/core/', pathNot: noTest },
      to: { pathNot: ['^src-shared/core/', 'node_modules/@bufbuild/protobuf'] },
    },
    only('project-uses-core', '^src-shared/project/', ['^src-shared/(core|project)/']),
    only('ipc-uses-core-and-project', '^src-shared/ipc/', [shared]),
    only('engine-uses-shared', '^src-main/engine/', [shared, engineTypes]),
    only('ort-uses-engine-types', '^src-main/ort/', [shared, engineTypes, '^src-main/ort/']),
    only('media-uses-engine-types', '^src-main/media/', [shared, engineTypes, '^src-main/media/']),
    only('vision-uses-engine-types', '^src-main/vision/', [shared, engineTypes, '^src-main/vision/']),
    only('threads-use-engine-types', '^src-main/threads/', [shared, engineTypes, '^src-main/threads/']),
    only('storage-uses-engine-types', '^src-main/storage/', [shared, engineTypes, '^src-main/storage/']),
    only('gpu-uses-storage', '^src-main/gpu/', [shared, engineTypes, '^src-main/(storage|gpu)/']),
    only('models-uses-storage', '^src-main/models/', [shared, engineTypes, '^src-main/(storage|models)/']),
    only('jobs-uses-engine', '^src-main/jobs/', [shared, engineTypes, '^src-main/(storage|jobs)/']),
    only('parity-uses-engine-ort-models', '^src-main/parity/', [
      shared,
      '^src-main/(engine|ort|storage|models|parity)/',
    ]),
    only('bench-uses-engine-types-and-jobs', '^src-main/bench/', [shared, '^src-main/(engine|jobs|bench)/']),
    only('host-wires-all-below', '^src-main/host/', [
      shared,
      '^src-main/(engine|ort|media|vision|threads|storage|gpu|models|parity|jobs|bench|host)/',
    ]),
    only('backend-uses-all-below', '^src-main/backend/', [
      shared,
      '^src-main/(engine|ort|media|vision|threads|storage|gpu|models|parity|jobs|bench|host|backend)/',
    ]),
    only('serve-uses-all-below', '^src-main/serve/', [
      shared,
      '^src-main/(engine|ort|media|vision|threads|storage|gpu|models|parity|jobs|bench|host|backend|serve)/',
    ]),
    only('cli-uses-all-but-app', '^src-main/cli/', [
      shared,
      '^src-main/(engine|ort|media|vision|threads|storage|gpu|models|parity|jobs|bench|host|backend|serve|cli)/',
    ]),
    only('app-uses-all-but-cli', '^src-main/app/(?!command\\.ts)', [shared, '^src-main/(?!cli/)']),
    only('command-of-a-package-runs-cli', '^src-main/app/command\\.ts', [shared, '^src-main/']),
    only('renderer-i18n-alone', '^src-renderer/i18n/', ['^src-renderer/i18n/']),
    only('renderer-ui-uses-i18n', '^src-renderer/ui/', ['^src-renderer/(ui|i18n)/']),
    only('renderer-state-uses-shared', '^src-renderer/state/', [shared, '^src-renderer/(state|i18n)/']),
    // One rule for all features: `$1` is the feature's own folder.
    only(
      'renderer-features-apart',
      '^src-renderer/(project|viewer|tools|timeline|playback|prompt|preset|jobs|models|export)/',
      [shared, '^src-renderer/(state|ui|i18n|$1)/'],
    ),
    only('renderer-app-uses-all', '^src-renderer/(app/|main[.]tsx)', [shared, '^src-renderer/']),
    {
      name: 'renderer-has-no-node',
      comment: 'The page runs in a browser as well.',
      severity: 'error',
      from: { path: '^src-renderer/', pathNot: noTest },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'main-does-not-import-renderer',
      severity: 'error',
      from: { path: '^src-(main|shared)/' },
      to: { path: '^src-renderer/' },
    },
    {
      name: 'only-ort-imports-onnxruntime',
      severity: 'error',
      from: { pathNot: '^src-main/ort/' },
      to: { path: 'onnxruntime-node' },
    },
    {
      name: 'only-media-runs-ffmpeg',
      severity: 'error',
      from: { pathNot: '^src-main/media/' },
      to: { path: ['fluent-ffmpeg', '@ffmpeg-installer', '@ffprobe-installer'] },
    },
    {
      name: 'only-vision-imports-opencv',
      severity: 'error',
      from: { pathNot: '^src-main/vision/' },
      to: { path: 'opencv-js' },
    },
    {
      name: 'only-bench-draws-plots',
      severity: 'error',
      from: { pathNot: '^src-main/bench/' },
      to: { path: 'node_modules/(echarts|@resvg)' },
    },
    {
      name: 'only-app-imports-electron',
      severity: 'error',
      from: { pathNot: '^src-main/app/' },
      to: { path: '^(node_modules/)?electron(/|$)' },
    },
    { name: 'not-to-tests', severity: 'error', from: { pathNot: [noTest, '^e2e/'] }, to: { path: noTest } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.tests.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
