export {
  exportFormatNames,
  exportFormats,
  exportQualities,
  exportSounds,
  type ExportFormat,
  type ExportQuality,
  type ExportSound,
  type SoftwareEncoder,
} from './export-formats.ts';
