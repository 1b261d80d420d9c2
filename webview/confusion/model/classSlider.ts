/** Steps of the slider. Beyond so many classes they are spread evenly over the logarithm. */
const STEPS = 200;
export const LEAST_CLASSES = 2;
export const MOST_CLASSES = 1000;

/** Where the slider stands for so many classes, 0 … `sliderSteps`. */
export function sliderOf(classes: number, all: number): number {
  const most = mostOf(all);
  if (most - LEAST_CLASSES <= STEPS) return Math.min(classes, most) - LEAST_CLASSES;
  return Math.round(
    (STEPS * Math.log(Math.min(classes, most) / LEAST_CLASSES)) / Math.log(most / LEAST_CLASSES),
  );
}

export function classesOf(slider: number, all: number): number {
  const most = mostOf(all);
  if (most - LEAST_CLASSES <= STEPS) return LEAST_CLASSES + slider;
  return Math.round(LEAST_CLASSES * (most / LEAST_CLASSES) ** (slider / STEPS));
}

export function sliderSteps(all: number): number {
  return Math.min(STEPS, mostOf(all) - LEAST_CLASSES);
}

function mostOf(all: number): number {
  return Math.max(LEAST_CLASSES, Math.min(all, MOST_CLASSES));
}
