export default {
  title: 'Mail',
  byProgram: 'Read your mail with a mail program',
  byProgramText: 'Add {{address}} in your mail program: it finds the server by itself.',
};
