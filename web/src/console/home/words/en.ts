export default { title: 'Home' };
