import * as v from 'valibot';
import { PART_NAMES } from '../../../dataset/sequences.js';
import { failed, overClaims, passed, together, type Check, type Finding } from '../check.js';
import { areMixed, axisContrast, type AxisContrast } from '../measures/axes.js';
import { PART_TITLES, type AuditedDataSet } from '../subject.js';
import { figure } from '../texts.js';

export const axesMixed: Check = {
  id: 'axes-mixed',
  title: 'Time and features are mixed up',
  explanation:
    'A table of events by features that is cut up along the wrong axis puts times where CPU numbers belong and next to each other what was apart; what a model then predicts is no event.',
  inDataSet: lookAtColumns,
  inRun: ({ config: { model } }) => {
    const { success, output } = v.safeParse(v.object({ scramble: v.boolean() }), model.settings);
    return success && output.scramble
      ? failed(
          `${model.name} was trained with \`scramble\`, which reads the table of a window along the wrong axis.`,
        )
      : passed(`${model.name} reads windows as [time, features].`);
  },
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell how data were laid out.', ({ layout, table }) => {
      if (layout !== undefined) {
        const { stored, readAs } = layout;
        const text = `Data that lie as [${stored.join(', ')}] are read as [${readAs.join(', ')}].`;
        return stored.join('\0') === readAs.join('\0') ? passed(text) : failed(text);
      }
      if (table === undefined) return null;
      const contrast = axisContrast(table.columns.map(({ values }) => values));
      return contrast === null ? null : ofContrast('the table', contrast);
    }),
  needs: 'There are no columns to look at.',
};

async function lookAtColumns({ part }: AuditedDataSet): Promise<Finding> {
  const findings: Finding[] = [];
  for (const name of PART_NAMES) {
    const { cpu, deltaNs } = await part(name);
    const contrast = axisContrast([cpu, deltaNs]);
    if (contrast !== null) findings.push(ofContrast(PART_TITLES[name], contrast));
  }
  return together(findings, 'No part has rows enough.');
}

function ofContrast(title: string, contrast: AxisContrast): Finding {
  const { columns, phases, period } = contrast;
  return areMixed(contrast)
    ? failed(
        `In ${title} columns hardly differ from each other (${figure(columns)} of 1), but rows do by their number modulo ${period} (${figure(phases)}): each column runs through the values of all.`,
      )
    : passed(
        `In ${title} columns differ by ${figure(columns)} of 1, every ${period} rows by ${figure(phases)}.`,
      );
}
