/** Forms of the text, by buttons; arrows move between them. */
import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import {
  IconBlockquote,
  IconBold,
  IconClearFormatting,
  IconH2,
  IconItalic,
  IconLink,
  IconList,
  IconListNumbers,
  IconPhoto,
  IconStrikethrough,
  IconUnderline,
  type Icon,
} from '@tabler/icons-react';
import { useEditorState, type Editor } from '@tiptap/react';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useWords } from '../../../words.ts';
import { isLinkTarget } from './schema.ts';
import css from './rich.module.css';

interface Form {
  readonly key: string;
  readonly icon: Icon;
  readonly run: (editor: Editor) => void;
  readonly isOn?: (editor: Editor) => boolean;
}

const mark = (key: 'bold' | 'italic' | 'underline' | 'strike', icon: Icon): Form => ({
  key,
  icon,
  run: (editor) => editor.chain().focus().toggleMark(key).run(),
  isOn: (editor) => editor.isActive(key),
});

const forms: readonly Form[] = [
  mark('bold', IconBold),
  mark('italic', IconItalic),
  mark('underline', IconUnderline),
  mark('strike', IconStrikethrough),
  {
    key: 'heading',
    icon: IconH2,
    run: (editor) => editor.chain().focus().toggleHeading({ level: 2 }).run(),
    isOn: (editor) => editor.isActive('heading'),
  },
  {
    key: 'bullets',
    icon: IconList,
    run: (editor) => editor.chain().focus().toggleBulletList().run(),
    isOn: (editor) => editor.isActive('bulletList'),
  },
  {
    key: 'numbers',
    icon: IconListNumbers,
    run: (editor) => editor.chain().focus().toggleOrderedList().run(),
    isOn: (editor) => editor.isActive('orderedList'),
  },
  {
    key: 'quote',
    icon: IconBlockquote,
    run: (editor) => editor.chain().focus().toggleBlockquote().run(),
    isOn: (editor) => editor.isActive('blockquote'),
  },
  {
    key: 'clear',
    icon: IconClearFormatting,
    run: (editor) => editor.chain().focus().unsetAllMarks().clearNodes().run(),
  },
];

interface ToolbarProps {
  readonly editor: Editor;
  readonly label: string;
  readonly onPictures?: (files: readonly File[]) => void;
}

export function Toolbar({ editor, label, onPictures }: ToolbarProps) {
  const { t } = useWords('mail/compose');
  const file = useRef<HTMLInputElement>(null);
  const on = useEditorState({
    editor,
    selector: ({ editor: now }) =>
      Object.fromEntries(forms.map(({ key, isOn }) => [key, isOn?.(now) ?? false])),
  });
  return (
    <div className={css['bar']} role="toolbar" aria-label={label} onKeyDown={moveFocus}>
      {forms.map(({ key, icon, run }, i) => (
        <Tool
          key={key}
          icon={icon}
          label={t(`form.${key}`)}
          first={i === 0}
          {...(key !== 'clear' && { on: on[key] ?? false })}
          onClick={() => run(editor)}
        />
      ))}
      <LinkTool editor={editor} />
      {onPictures && (
        <>
          <Tool icon={IconPhoto} label={t('form.picture')} onClick={() => file.current?.click()} />
          <input
            ref={file}
            type="file"
            accept="image/png,image/jpeg,image/gif,image/webp,image/avif"
            multiple
            hidden
            aria-label={t('form.picture')}
            onChange={(event) => {
              onPictures([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
        </>
      )}
    </div>
  );
}

function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button[data-tool]')];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  if (at === -1) return;
  event.preventDefault();
  const step = event.key === 'ArrowRight' ? 1 : -1;
  buttons.at((at + step) % buttons.length)?.focus();
}

interface ToolProps {
  readonly icon: Icon;
  readonly label: string;
  readonly first?: boolean;
  readonly on?: boolean;
  readonly onClick: () => void;
}

function Tool({ icon: Mark, label, first = false, on, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant={on ? 'light' : 'subtle'}
        color={on ? 'ai' : 'gray'}
        aria-label={label}
        aria-pressed={on}
        data-tool
        tabIndex={first ? 0 : -1}
        onMouseDown={(event) => event.preventDefault()}
        onClick={onClick}
      >
        <Mark size={18} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  );
}

/** `example.jp` and `me@example.jp` are meant as links too. */
function targetOf(typed: string): string | undefined {
  const text = typed.trim();
  if (isLinkTarget(text)) return text;
  if (/^[^\s@:/]+@[^\s@]+\.[^\s@]+$/.test(text)) return `mailto:${text}`;
  return /^[^\s/:.]+(?:\.[^\s/:.]+)+(?:[/:?#]\S*)?$/.test(text) ? `https://${text}` : undefined;
}

function LinkTool({ editor }: { readonly editor: Editor }) {
  const { t } = useWords('mail/compose');
  const [typed, setTyped] = useState<string | undefined>();
  const isOn = useEditorState({ editor, selector: ({ editor: now }) => now.isActive('link') });
  const target = targetOf(typed ?? '');
  const close = (): void => {
    setTyped(undefined);
    editor.commands.focus();
  };
  const apply = (): void => {
    if (target === undefined) return;
    const chain = editor.chain().focus().extendMarkRange('link');
    if (editor.state.selection.empty && !isOn)
      chain
        .insertContent({
          type: 'text',
          text: typed!.trim(),
          marks: [{ type: 'link', attrs: { href: target } }],
        })
        .run();
    else chain.setLink({ href: target }).run();
    setTyped(undefined);
  };
  return (
    <Popover
      opened={typed !== undefined}
      onChange={close}
      trapFocus
      withRoles={false}
      zIndex={410}
      position="top"
      width={320}
      shadow="md"
    >
      <Popover.Target>
        <span>
          <Tool
            icon={IconLink}
            label={t('form.link')}
            on={isOn}
            onClick={() => setTyped(String(editor.getAttributes('link')['href'] ?? ''))}
          />
        </span>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={css['link']}>
          <TextInput
            size="xs"
            label={t('linkTo')}
            placeholder="https://"
            value={typed ?? ''}
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
              event.preventDefault();
              event.stopPropagation();
              apply();
            }}
          />
          <div className={css['linkFoot']}>
            {isOn && (
              <Button
                size="compact-xs"
                variant="subtle"
                color="shu"
                onClick={() => {
                  editor.chain().focus().extendMarkRange('link').unsetLink().run();
                  setTyped(undefined);
                }}
              >
                {t('unlink')}
              </Button>
            )}
            <Button size="compact-xs" disabled={target === undefined} onClick={apply}>
              {t('setLink')}
            </Button>
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
