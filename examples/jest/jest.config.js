// Run with node --experimental-vm-modules node_modules/jest/bin/jest.js: Jest reads ES modules so.
export default { testEnvironment: 'node', transform: {} };
