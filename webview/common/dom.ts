/** What may stand in an element. Strings become text nodes: data of a trace never passes through an HTML parser. */
export type Child = Node | string | null;

export interface ElementOptions {
  readonly className?: string;
  readonly title?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly onClick?: (event: MouseEvent) => void;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  apply(created, options, children);
  return created;
}

/** An element of the toolkit or any other custom element. */
export function customElement(tag: string, options: ElementOptions = {}, ...children: Child[]): HTMLElement {
  const created = document.createElement(tag);
  apply(created, options, children);
  return created;
}

function apply(target: HTMLElement, options: ElementOptions, children: Child[]): void {
  if (options.className !== undefined) target.className = options.className;
  if (options.title !== undefined) target.title = options.title;
  for (const [name, value] of Object.entries(options.attributes ?? {})) target.setAttribute(name, value);
  if (options.onClick !== undefined) target.addEventListener('click', options.onClick);
  appendAll(target, children);
}

export function appendAll(target: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== null) target.append(child);
}

export function replaceContent(target: Element, ...children: Child[]): void {
  target.replaceChildren(...children.filter((child): child is Node | string => child !== null));
}

/** A button that looks like a link: it moves the view and does not navigate. */
export function linkButton(text: string, title: string, onClick: () => void): HTMLButtonElement {
  return element(
    'button',
    {
      className: 'link',
      title,
      attributes: { type: 'button' },
      onClick: (event) => {
        event.stopPropagation();
        onClick();
      },
    },
    text,
  );
}

/** Whether key presses there are text and not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const tag = target.tagName.toLowerCase();
  return (
    tag === 'input' ||
    tag === 'textarea' ||
    tag === 'select' ||
    tag === 'vscode-text-field' ||
    target.isContentEditable
  );
}
