export { composeSheet, type SheetPicture } from './compose-sheet.ts';
