/** Whether a file is a still picture rather than a clip, by its name. */
export const isStillPicture = (path: string): boolean => /\.(png|jpe?g|bmp|tiff?|webp)$/i.test(path);
