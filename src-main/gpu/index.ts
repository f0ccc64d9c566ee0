export { gpuProblemText } from './gpu-problem-text.ts';
export { describeGpu, type GpuProblem, type GpuReport } from './gpu-report.ts';
export { installProvider, removeProvider } from './install-provider.ts';
export { useProvider } from './installed-provider.ts';
export { surveyCards, type NvidiaCard } from './nvidia-cards.ts';
