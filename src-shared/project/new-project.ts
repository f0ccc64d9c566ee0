import { defaultPreset } from '../core/presets/index.ts';
import { starterId } from './bundled-models.ts';
import { projectVersion, type Clip, type Edit, type Project } from './project.ts';

export function newProject(id: string, name: string): Project {
  return { format: 'hetcut-project', version: projectVersion, id, name, clips: [] };
}

/** A removal of nothing yet, as the program's defaults have it; without a name the program names it. */
export function newEdit(id: string, name = ''): Edit {
  return {
    id,
    name,
    enabled: true,
    mask: { shapes: [], grow: 0, invert: false },
    settings: {
      kind: 'remove',
      prompt: '',
      negativePrompt: '',
      seed: 0,
      modelId: starterId,
      preset: defaultPreset,
      plate: 'auto',
      fill: 'auto',
      methodOptions: {},
    },
  };
}

/** The project with the clip added, or put in the place of the one with its id. */
export function withClip(project: Project, clip: Clip): Project {
  const known = project.clips.some(({ id }) => id === clip.id);
  const clips = known
    ? project.clips.map((other) => (other.id === clip.id ? clip : other))
    : [...project.clips, clip];
  return { ...project, clips };
}
