import { customElement, element } from './dom.js';
import { icon, type IconName } from './icons.js';

/**
 * The controls of the views. They are the toolkit's elements, created by name: a successor of the toolkit changes
 * this file and `toolkit.ts`, nothing else.
 */

/** A push button; with `secondary` the quieter look. */
export function button(label: string, title: string, onClick: () => void, secondary = true): HTMLElement {
  return customElement(
    'vscode-button',
    { title, attributes: { appearance: secondary ? 'secondary' : 'primary' }, onClick: () => onClick() },
    label,
  );
}

/** Whether a button can be pressed. */
export function setEnabled(control: HTMLElement, isEnabled: boolean): void {
  control.toggleAttribute('disabled', !isEnabled);
}

/** A button that shows only an icon; `label` is its accessible name and tooltip. */
export function iconButton(name: IconName, label: string, onClick: () => void): HTMLElement {
  const created = customElement('vscode-button', {
    title: label,
    attributes: { appearance: 'icon', 'aria-label': label },
    onClick: () => onClick(),
  });
  created.append(icon(name));
  return created;
}

export interface TextField {
  readonly element: HTMLElement;
  value: string;
}

/** A one-line text box; `onInput` gets the text at each change. */
export function textField(label: string, placeholder: string, onInput: (text: string) => void): TextField {
  const field = customElement('vscode-text-field', {
    attributes: { placeholder, 'aria-label': label },
  }) as HTMLElement & { value?: string };
  // The toolkit names a box without a visible label "Text field" each time it is connected.
  const set = field.setAttribute.bind(field);
  field.setAttribute = (name, value) => set(name, name === 'aria-label' ? label : value);
  field.addEventListener('input', () => onInput(field.value ?? ''));
  return {
    element: field,
    get value() {
      return field.value ?? '';
    },
    set value(text) {
      field.value = text;
    },
  };
}

export interface Checkbox {
  readonly element: HTMLElement;
  checked: boolean;
}

export function checkbox(label: string, checked: boolean, onChange: (checked: boolean) => void): Checkbox {
  const box = customElement('vscode-checkbox', {}, label) as HTMLElement & { checked?: boolean };
  // The element is defined by the time it is created: a property wins over a later attribute.
  box.checked = checked;
  box.addEventListener('change', () => onChange(box.checked ?? false));
  return {
    element: box,
    get checked() {
      return box.checked ?? false;
    },
    set checked(value) {
      box.checked = value;
    },
  };
}

/** A choice of one among a few; `options` are value → label. */
export function dropdown<T extends string>(
  label: string,
  options: Readonly<Record<T, string>>,
  value: T,
  onChange: (value: T) => void,
): HTMLElement {
  const select = customElement('vscode-dropdown', {
    attributes: { 'aria-label': label },
    title: label,
  }) as HTMLElement & {
    value?: string;
  };
  for (const [key, text] of Object.entries(options)) {
    const option = customElement('vscode-option', { attributes: { value: key } }, String(text));
    if (key === value) option.setAttribute('selected', '');
    select.append(option);
  }
  select.addEventListener('change', () => onChange(select.value as T));
  return select;
}

export function progressRing(label: string): HTMLElement {
  return customElement('vscode-progress-ring', { attributes: { 'aria-label': label } });
}

/** A keyboard key in running text. */
export function keyCap(key: string): HTMLElement {
  return element('kbd', {}, key);
}
