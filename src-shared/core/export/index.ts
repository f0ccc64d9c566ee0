export {
  exportFormatNames,
  exportFormats,
  exportQualities,
  type ExportFormat,
  type ExportQuality,
  type SoftwareEncoder,
} from './export-formats.ts';
