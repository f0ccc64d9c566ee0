export { answer, type Handlers } from './answer.ts';
export { createClient, type Client } from './client.ts';
export {
  type ExportChoices,
  type ExportFormatId,
  type ExportPlan,
  type ExportQuality,
  type ExportRow,
} from './export.ts';
export {
  audioPath,
  framePath,
  peaksPath,
  requests,
  type AppInfo,
  type Carrier,
  type CheckedInput,
  type DoctorFinding,
  type EventName,
  type Events,
  type FolderListing,
  type JobEstimate,
  type JobRow,
  type JobState,
  type MenuCommand,
  type ModelRow,
  type OpenedClip,
  type RecentProject,
  type Reply,
  type RequestName,
} from './contract.ts';
