export { MemoryBank, type BankReading, type BankSizes, type FrameMemory } from './memory-bank.ts';
export { maskLogits, placesIn, resizeLogits, squareRgb } from './square-picture.ts';
