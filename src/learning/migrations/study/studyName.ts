/** How the name of a study's file ends: by it the editor knows one. */
export const STUDY_ENDING = '.neural-cfs.json';
