/** Where text is written with its forms. Pictures that are pasted or dropped into it stand in it; Enter that ends a conversion of an IME only ends it. */
import { EditorContent, useEditor, type Editor, type JSONContent } from '@tiptap/react';
import { useEffect, useRef } from 'react';
import { useWords } from '../../../words.ts';
import { downloadUrl } from '../../jmap/client.ts';
import type { Id } from '../../jmap/types.ts';
import type { DraftImage } from '../draft.ts';
import type { RichNode } from '../rich-doc.ts';
import { extensions } from './schema.ts';
import { Toolbar } from './Toolbar.tsx';
import css from './rich.module.css';

interface RichTextProps {
  readonly account: Id;
  readonly doc: RichNode;
  /** Another number: `doc` was changed from outside. */
  readonly version: number;
  readonly autoFocus: boolean;
  readonly label: string;
  readonly onChange: (doc: RichNode) => void;
  /** Takes a picture up; undefined: it could not be. Absent: none may stand in it. */
  readonly onPicture?: (file: File) => Promise<DraftImage | undefined>;
}

const isPicture = (file: File): boolean => /^image\/(?:png|jpe?g|gif|webp|avif)$/.test(file.type);

export function RichText(props: RichTextProps) {
  const { account, doc, version, autoFocus, label, onChange, onPicture } = props;
  const { t } = useWords('mail/compose');
  const latest = useRef({ onChange, onPicture });
  latest.current = { onChange, onPicture };
  const editorRef = useRef<Editor | null>(null);
  const insert = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      const image = await latest.current.onPicture?.(file);
      if (image === undefined) continue;
      const attrs = { src: downloadUrl(account, image), cid: image.cid, alt: file.name };
      editorRef.current?.chain().focus().insertContent({ type: 'image', attrs }).run();
    }
  };
  const take = (data: DataTransfer | null): boolean => {
    const pictures = [...(data?.files ?? [])].filter(isPicture);
    if (pictures.length === 0 || latest.current.onPicture === undefined) return false;
    void insert(pictures);
    return true;
  };
  const editor = useEditor({
    extensions,
    content: doc as JSONContent,
    injectCSS: false,
    autofocus: autoFocus ? 'start' : false,
    shouldRerenderOnTransaction: false,
    editorProps: {
      attributes: { class: css['words']!, role: 'textbox', 'aria-multiline': 'true', 'aria-label': label },
      // Sending is the sheet's, by the same keys as a line break.
      handleKeyDown: (_, event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey),
      handlePaste: (_, event) => take(event.clipboardData),
      handleDrop: (_, event, __, moved) => {
        if (moved || !take(event.dataTransfer)) return false;
        event.preventDefault();
        event.stopPropagation();
        return true;
      },
    },
    onUpdate: ({ editor: now }) => latest.current.onChange(now.getJSON() as RichNode),
  });
  editorRef.current = editor;
  const shown = useRef(version);
  useEffect(() => {
    if (shown.current === version) return;
    shown.current = version;
    editor.commands.setContent(doc as JSONContent, { emitUpdate: false });
  }, [editor, doc, version]);
  return (
    <div className={css['rich']}>
      <EditorContent editor={editor} className={css['editor']} />
      <Toolbar
        editor={editor}
        label={t('forms')}
        {...(onPicture && { onPictures: (files: readonly File[]) => void insert(files.filter(isPicture)) })}
      />
    </div>
  );
}
