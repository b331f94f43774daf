export default { title: 'ホーム' };
