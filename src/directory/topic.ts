/** Topic of hints: something of the directory has changed. The key is the organisation. */
export const directoryTopic = 'directory';
